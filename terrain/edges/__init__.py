"""What runs along the ground and parts it: hedges, fences, walls, with their gates."""
