"""Tests of `labeler/notices/`."""
