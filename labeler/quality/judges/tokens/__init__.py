"""Spans: what a model of words and their neighbours expects."""
