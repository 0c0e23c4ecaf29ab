"""Models of single things, as architects and artists make them, and the blocks they become."""
