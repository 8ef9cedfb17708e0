"""Frozen, numbered exports: what was in one, what changed since the one before and why, and the proof that it is so."""
