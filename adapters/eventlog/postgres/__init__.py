"""The log on PostgreSQL: one schema for each cell, one writer at a time, everything in one transaction."""
