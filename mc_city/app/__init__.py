"""A window in the browser, served from this machine to this machine: what the command line does,
for people who do not type."""
