"""Items that are nearly the same as one on another side of a split."""
