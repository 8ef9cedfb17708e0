"""Telling a program elsewhere what happened here: which events there are, who is told, and what became of it."""
