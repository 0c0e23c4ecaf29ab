"""The local window: a page in the browser, served from this machine only."""
