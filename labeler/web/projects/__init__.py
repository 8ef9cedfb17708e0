"""The projects of a person, and making a new one."""
