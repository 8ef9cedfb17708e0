"""Nearly identical items with different labels."""
