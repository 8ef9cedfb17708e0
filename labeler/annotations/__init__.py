"""What people answered. Never overwritten, only superseded."""
