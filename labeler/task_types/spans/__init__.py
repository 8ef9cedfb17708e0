"""Stretches of a text."""
