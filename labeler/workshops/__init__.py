"""A workshop about two classes that are taken for one another: who says what, where, and what a new rule brought."""
