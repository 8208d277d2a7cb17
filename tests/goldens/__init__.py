"""Goldens: results that were right once and must stay as they are."""
