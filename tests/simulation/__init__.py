"""Simulation: the real code, with crashes where the schedule says so."""
