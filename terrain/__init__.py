"""The ground and what lies on it: relief, water, streets."""
