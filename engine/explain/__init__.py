"""Explain: why a document stands where it stands, and the smallest set of facts that would release it."""
