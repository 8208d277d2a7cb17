"""What deploy/ holds, read as the tools that use it read it."""
