"""How far answers coincide beyond chance, and how sure that number is: calculations that know no project.

`histogram` holds what everything is computed from; `metrics` the measures, `distances` what a disagreement weighs,
`intervals` how sure they are, `summary` what a lead sees. `pairs` compares named annotators; `objects` (over `boxes`,
`spans` and `continuum`) and `labelsets` (over `sets`) serve answers that are not one class an item.

Note: agreement is not correctness (annotators can be wrong together), and "undefined" is
an answer: where everyone always gave the same class, nothing can be said about agreement beyond chance.
"""
