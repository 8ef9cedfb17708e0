"""The command line: a thin edge that turns arguments into calls of the main path and results into lines."""
