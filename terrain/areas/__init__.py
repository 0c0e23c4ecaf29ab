"""What covers the land, and what is drawn on it."""
