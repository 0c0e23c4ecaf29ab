"""Streets and paths, from lines to block columns."""
