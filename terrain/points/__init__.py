"""Point clouds of laser scanners, read piece by piece as places and heights of the city."""
