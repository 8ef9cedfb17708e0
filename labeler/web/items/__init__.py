"""Lists of items behind every count, and one item with its history."""
