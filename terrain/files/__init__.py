"""What a file is, and where it lies."""
