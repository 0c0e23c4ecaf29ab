"""The city, read and decided once, and the blocks of any piece of it in any state of its plans."""
