"""Benchmarks: speed as a ratio to the physical limit, taken in the same run."""
