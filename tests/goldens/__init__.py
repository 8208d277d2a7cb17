"""Golden values: what must come out, written down before the code was."""
