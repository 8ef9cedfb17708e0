"""What labeling costs: spent and foreseen, and the planner."""
