"""The digital firewall: facts in, a decision with all its reasons out; pure, and it fails closed."""
