"""The queue of suspects, one at a time or many at once."""
