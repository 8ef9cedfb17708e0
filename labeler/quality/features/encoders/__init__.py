"""Models that an operator named: what they make of texts or pictures becomes one more space."""
