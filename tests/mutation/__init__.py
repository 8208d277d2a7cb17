"""Mutation: the firewall and the journals with one small mistake at a time, and whether any test sees it."""
