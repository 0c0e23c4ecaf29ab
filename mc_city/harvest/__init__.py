"""What people built in worlds that came back: found, told apart, described."""
