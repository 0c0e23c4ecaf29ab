"""From shapes to block columns."""
