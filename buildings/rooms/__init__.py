"""Furnished rooms: what stands in houses, storey by storey."""
