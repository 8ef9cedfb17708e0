"""Content as numbers."""
