"""Trees: where they stand, and their shapes."""
