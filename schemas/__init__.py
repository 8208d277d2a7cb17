"""What is said: message and event shapes, and the values they are made of."""
