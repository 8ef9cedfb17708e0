"""What formats share when they read: bytes to lines, JSON, tables and files, and those to rows."""
