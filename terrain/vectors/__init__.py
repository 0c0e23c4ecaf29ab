"""Vector files as features in the city's CRS."""
