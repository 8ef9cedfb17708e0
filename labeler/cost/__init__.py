"""What labeling costs: time and money so far, what it comes to at the end, and plans with what each would bring."""
