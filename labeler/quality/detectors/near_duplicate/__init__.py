"""Items that are nearly the same as another one."""
