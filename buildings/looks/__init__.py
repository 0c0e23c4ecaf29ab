"""Which blocks houses are made of."""
