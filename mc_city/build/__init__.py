"""Building worlds: the tile loop, the editions, and a folder that is whole or not there."""
