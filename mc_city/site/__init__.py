"""What a city is read from: its land, houses and spans, and what is wrong with its sources."""
