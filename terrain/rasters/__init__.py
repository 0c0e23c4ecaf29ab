"""Rasters as metres on the city's grid."""
