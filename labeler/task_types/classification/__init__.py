"""One class out of several that have no order."""
