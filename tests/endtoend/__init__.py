"""The whole way on the real things: Kafka in, PostgreSQL in the middle, Kafka out, while everything breaks."""
