"""Items unlike all others."""
