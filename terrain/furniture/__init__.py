"""Street furniture."""
