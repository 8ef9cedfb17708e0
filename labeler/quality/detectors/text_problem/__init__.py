"""Texts with something wrong in them, whatever their label is."""
