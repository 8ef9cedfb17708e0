"""What is wrong with a set as a whole and with no single item: one file a kind, named in `registry.py`."""
