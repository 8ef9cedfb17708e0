"""What waits for a lead: the queue of flagged items, disagreements, how often flags are right."""
