"""Comments between an annotator and the leads on one item, with what became of them."""
