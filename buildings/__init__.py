"""What stands on the ground: footprints, heights, walls, roofs."""
