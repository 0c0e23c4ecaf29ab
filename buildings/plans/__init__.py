"""Each house decided whole."""
