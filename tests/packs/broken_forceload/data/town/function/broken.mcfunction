forceload add 0 -1 255 255
