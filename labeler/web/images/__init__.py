"""The bytes of pictures."""
