"""The page of a workshop: the pair of classes that is confused most, typical cases, the rule, and what it asks."""
