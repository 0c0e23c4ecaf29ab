fill 30 64 30 33 66 33 minecraft:oak_planks
setblock 31 65 31 minecraft:oak_stairs[facing=north,half=bottom,shape=straight]
forceload remove 0 0 47 47
bossbar remove town:work
function #town:all
say done
return 7
