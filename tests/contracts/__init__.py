"""Laws of the ports: one suite for every implementation."""
