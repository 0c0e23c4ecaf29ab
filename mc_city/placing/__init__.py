"""Where things stand that no data place."""
