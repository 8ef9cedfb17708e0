"""How far the annotators of a project agree: the histogram of their answers, and what it comes to by `measures`."""
