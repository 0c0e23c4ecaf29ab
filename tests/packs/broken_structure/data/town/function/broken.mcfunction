execute store success score #ok town run place template town:nothing 0 64 0
