"""What is seen: views as pure folds of events."""
