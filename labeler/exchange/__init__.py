"""In and out: the formats, and the frozen releases made with them."""
