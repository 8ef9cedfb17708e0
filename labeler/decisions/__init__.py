"""What a lead decided about an item, and why. Decisions are kept for ever; a later one replaces an earlier one."""
