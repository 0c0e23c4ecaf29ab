"""Blocks and files: what a Minecraft world is made of. Knows nothing of geography."""
