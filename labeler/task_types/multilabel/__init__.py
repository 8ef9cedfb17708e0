"""Any number of classes, also none."""
