"""The rooms of the window: what each answers to its page. Paths stand below /api/<room>/."""
