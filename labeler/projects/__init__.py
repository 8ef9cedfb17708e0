"""Projects: what is asked (classes, guidelines, rules) and about what (items and the imports they came with)."""
