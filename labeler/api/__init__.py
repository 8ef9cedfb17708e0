"""The HTTP API /api/v1: the contract that tools outside the project rely on. Thin: it reads, calls the workflow, answers."""

from labeler.api.blueprint import blueprint
from labeler.api.problems import problem

__all__ = ["blueprint", "problem"]
