"""Bringing items in: file, columns, what became of it."""
