tellraw @a [{text: "The mill ", bold: true}, {text: "stands", click_event: {action: "run_command", command: "function town:mill/show"}}]
execute as @a at @s run playsound minecraft:block.note_block.pling master @s ~ ~ ~ 1 1
