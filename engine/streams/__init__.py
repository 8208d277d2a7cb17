"""Streams: one decider for each kind of thing that happens, and the parts of their states."""
