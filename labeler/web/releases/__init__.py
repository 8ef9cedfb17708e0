"""Releases: making one, what is in one, what changed since another, whether it is what it was."""
