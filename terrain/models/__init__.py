"""Three-dimensional city models."""
