"""The lead's overview, all annotators, the button that checks the labels."""
