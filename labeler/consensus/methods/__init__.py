"""The ways from votes to a consensus, named in `consensus/registry.py`."""
