"""The city on the globe: 3D Tiles."""
