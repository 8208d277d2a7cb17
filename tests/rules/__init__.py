"""The firewall, row by row of the rulebook: each rule fires, does not fire just beside, and is released by its remedy."""
