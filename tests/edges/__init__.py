"""The edge cases of the rulebook: what goes wrong in real systems, each told as a story of what is right."""
