# Placing fails until the chunks are there; then one piece a tick.
execute if score #left town matches 0 run return run function town:mill/done
execute if score #left town matches 2 store success score #ok town run place template town:mill 4 64 8
execute if score #left town matches 1 store success score #ok town run place template town:mill 20 64 8
execute if score #ok town matches 1 run scoreboard players remove #left town 1
execute store result bossbar town:work value run scoreboard players get #left town
schedule function town:mill/work 1t replace
