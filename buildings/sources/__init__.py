"""What registers and city models know of buildings."""
