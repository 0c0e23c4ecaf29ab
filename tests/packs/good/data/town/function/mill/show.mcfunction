scoreboard players set #left town 2
bossbar add town:work {"text": "Building"}
bossbar set town:work max 2
bossbar set town:work players @a
forceload add 0 0 47 47
schedule function town:mill/work 1t replace
