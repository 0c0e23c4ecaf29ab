setblock 0 64 0 minecraft:oak_stairs[facing=up]
