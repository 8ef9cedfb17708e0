"""Programs elsewhere that are told what happened, and what became of it."""
