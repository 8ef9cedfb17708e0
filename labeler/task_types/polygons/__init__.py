"""Outlines of the things in a picture."""
