# What the game runs when the world opens.
scoreboard objectives add town dummy
scoreboard players add #opened town 1
execute if score #left town matches 1.. run schedule function town:mill/work 1t replace
