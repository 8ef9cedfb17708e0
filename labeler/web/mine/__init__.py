"""My answers: one's own work, and what became of it."""
