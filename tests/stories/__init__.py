"""Stories of the command: what a person types, what is printed, what is kept, and the exit code."""
