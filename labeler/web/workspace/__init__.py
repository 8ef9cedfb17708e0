"""The annotator's screen, and the keys a person chose."""
