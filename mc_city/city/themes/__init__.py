"""What a city is read into, theme by theme: see `mc_city.city.reading` for their order."""
