"""The ground as block columns, and its blocks."""
