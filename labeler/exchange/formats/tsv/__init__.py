"""TSV: a table whose cells are separated by tabs."""
