"""What the model may label where nobody answered, and the audits that must allow it."""
