tellraw @a {"text": "go", "clickEvent": {"action": "run_command", "value": "/function town:nowhere"}}
