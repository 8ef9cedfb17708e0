"""Taking labels out."""
