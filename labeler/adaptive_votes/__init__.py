"""How many answers each item wants: some on a share of the items, one more while it is unsure what the label is."""
