"""What a city's configuration says, checked."""
