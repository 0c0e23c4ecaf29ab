"""What is said of a city's sources before and after a build."""
