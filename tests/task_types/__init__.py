"""Task types one by one; what they have in common is in tests/contracts."""
