"""Tests of `labeler/second_opinions/`."""
