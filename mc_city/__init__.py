"""Turns a city's own geodata into a Minecraft world."""

__version__ = "0.5.0"
