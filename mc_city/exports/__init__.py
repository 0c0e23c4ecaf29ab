"""The city outside the game: pages, models, prints."""
