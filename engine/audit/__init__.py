"""Audit: history is heard again, and must say what was recorded."""
