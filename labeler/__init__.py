"""Labeler: label images and text as a team, and know how much of it is still wrong."""

__version__ = "0.1.0"
