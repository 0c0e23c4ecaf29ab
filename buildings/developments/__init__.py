"""Planned developments, and the boards that tell of them."""
