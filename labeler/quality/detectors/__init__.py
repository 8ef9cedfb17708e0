"""What is worth a look and why: one file a kind, named in `registry.py`."""
