"""Who holds which item until when, and why."""
