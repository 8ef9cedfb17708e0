"""Every check of labels there was: when, for whom, what it cost, and what changed since the one before."""
