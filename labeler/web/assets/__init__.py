"""How scripts and styles reach the browser."""
