"""Everybody who answers, one of them, their answers, and asking others again."""
