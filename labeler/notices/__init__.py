"""What waits for a person: returned items, replies, changed guidelines, what was decided; inside, and by e-mail."""
