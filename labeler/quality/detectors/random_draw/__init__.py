"""Labels drawn at random, to learn how far scores can be believed."""
