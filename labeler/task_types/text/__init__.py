"""Free text: transcription, translation, caption, correction."""
