"""Bedrock Edition and Minecraft Education: block states, chunks, LevelDB, level.dat, .mcworld."""
