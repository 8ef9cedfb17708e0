"""A page of look-alikes with one proposed class."""
