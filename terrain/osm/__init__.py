"""OpenStreetMap extracts as layers of features."""
