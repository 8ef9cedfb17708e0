"""Every way in and out, named in `registry.py`."""
