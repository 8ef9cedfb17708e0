"""What an annotator can be asked: one folder a kind, named in `registry.py`."""
