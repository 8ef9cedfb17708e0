"""One person's answers looked at again: others are asked, or a lead answers some of the items blind."""
