"""The workers: what `postgate run` keeps going, each in small steps that are complete in themselves."""
