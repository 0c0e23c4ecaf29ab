"""Open data over the network: asked for politely, checked, kept and credited."""
