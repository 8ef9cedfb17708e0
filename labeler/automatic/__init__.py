"""Labels of the model that stand where nobody answered: proposed, checked by an audit, taken back when one fails."""
