# a comment
setblock 0 64 0 minecraft:stoone
