"""Detaljplaner: what a municipality's plans allow to be built, as volumes."""
