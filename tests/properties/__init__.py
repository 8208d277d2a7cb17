"""Properties: what holds for every sequence of messages, searched for counterexamples."""
