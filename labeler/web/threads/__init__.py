"""Threads: what was asked about answers, and what became of it."""
