"""Boxes around the things in a picture."""
