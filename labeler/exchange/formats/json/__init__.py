"""JSON: one list of objects."""
