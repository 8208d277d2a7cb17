"""The tests: each is a sentence about what Postgate does."""
