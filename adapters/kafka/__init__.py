"""Kafka: the only package that speaks to a broker."""

import logging

# What the library says of its own accord is no output of a command; `run` listens to it and writes it as lines of its log.
logging.getLogger("kafka").addHandler(logging.NullHandler())
