"""Who is in a project."""
