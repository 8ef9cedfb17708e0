"""What labels doccano's lines can hold, on the way in and on the way out."""

SHAPES = frozenset({"label", "labels", "spans", "boxes", "polygons"})
