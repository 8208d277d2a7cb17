"""Tests against a real broker: what is read from it, and what is written to it."""
