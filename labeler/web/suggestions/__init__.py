"""Suggestions on or off, and what they do to speed and mistakes."""
