"""Boxes and polygons: what other answers, imported predictions and crops of the picture say."""
