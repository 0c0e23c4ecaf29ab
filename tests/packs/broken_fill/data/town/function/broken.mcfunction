fill 0 64 0 31 96 31 minecraft:stone
