say before
scoreboard player set #left town 1
execute if score #left town run say after
