"""Who judges labels that are no single class: one folder a judge, named in `registry.py`."""
