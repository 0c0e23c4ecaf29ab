"""Water: how high it stands, its edges, and what is moored there."""
