"""Tests of `labeler/rechecks/` and of asking others again."""
