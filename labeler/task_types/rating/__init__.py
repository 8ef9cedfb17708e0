"""One step of an ordered scale."""
