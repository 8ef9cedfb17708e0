"""What is worth a look and why: one folder a kind, named in `registry.py`."""
