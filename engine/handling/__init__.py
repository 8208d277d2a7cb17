"""Handling: what follows a message, from its streams to the judgements it causes, in one transaction."""
