"""What a label means: reading, every version, writing the next."""
