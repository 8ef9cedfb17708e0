"""Tests of `labeler/threads/`."""
