"""Worlds that exist: opened, drawn, and their layers switched."""
