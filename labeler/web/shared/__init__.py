"""What several pages use: forms, numbers and moments as people write them, the card of one item, macros."""
