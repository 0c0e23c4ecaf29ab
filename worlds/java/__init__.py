"""Minecraft: Java Edition: Anvil regions and level.dat."""
