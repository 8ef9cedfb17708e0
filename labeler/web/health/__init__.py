"""Whether the process is up and can do its work."""
