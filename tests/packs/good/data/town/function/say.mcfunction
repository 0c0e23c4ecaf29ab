tellraw @a [{"text": "The mill ", "bold": true}, {"text": "stands", "clickEvent": {"action": "run_command", "value": "/function town:mill/show"}}]
execute as @a at @s run playsound minecraft:block.note_block.pling master @s ~ ~ ~ 1 1
