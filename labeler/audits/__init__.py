"""Audits: a random sample, never chosen by a model, answered blind, from which the remaining error is estimated."""
