"""All accounts of this installation."""
