"""Collecting: statements, interest and letters of what is owed."""
