"""Bridges, tunnels and railways."""
