"""Several labels: one question a class."""
