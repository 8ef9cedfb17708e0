"""Items whose votes differ, with the voters side by side."""
