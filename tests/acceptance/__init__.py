"""The main job on a year of a real wholesaler's sales."""
