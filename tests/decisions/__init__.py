"""Decisions: given what happened, when something is said, then this is recorded."""
