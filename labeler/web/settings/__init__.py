"""What can be changed in a project that runs."""
