"""How far annotators agree: the number with what it means, where it is lost, and who agrees with whom."""
