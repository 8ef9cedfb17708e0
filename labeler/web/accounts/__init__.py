"""Signing in and out, one-use links, one's own account."""
