"""Who is handed which item: order, answers wanted, test items, who holds what."""
