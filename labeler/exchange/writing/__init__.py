"""What formats share when they write: what was lost, names of pictures, a ZIP made as it goes."""
