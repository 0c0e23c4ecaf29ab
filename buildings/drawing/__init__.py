"""Houses as blocks."""
