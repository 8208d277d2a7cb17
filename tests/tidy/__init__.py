"""Style is a test: what the house agreed on is counted here, and every failure names what to write instead."""
