"""Planned changes of the ground."""
