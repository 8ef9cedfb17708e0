"""One answer out of many, with how sure it is.

`base` holds what goes in (votes) and what comes out (probabilities, labels, annotators); `methods` the ways from one to
the other, in a plain dictionary. Note: a method may leave an item undecided (label -1): votes
that tie, or none at all, are said to be so and never settled by the order of the classes.
"""
