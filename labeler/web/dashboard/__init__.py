"""The lead's overview, and the button that checks the labels."""
