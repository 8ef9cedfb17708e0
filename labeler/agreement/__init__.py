"""How far annotators agree beyond chance, and how sure that number is.

`histogram` holds what everything is computed from; `metrics` the measures, `distances` what a disagreement weighs,
`intervals` how sure they are, `summary` what a lead sees, `named` (over `pairs`, which compares two annotators) what
people know by name. `objects` and `labelsets` serve the task types that are not one class an item. All of these are
calculations without a database.

Note: agreement is not correctness (annotators can be wrong together), and "undefined" is
an answer: where everyone always gave the same class, nothing can be said about agreement beyond chance.
"""
