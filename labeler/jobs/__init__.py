"""Long work: what runs in the background, and how it reports progress."""
