"""An average of twelve shrunken Dawid-Skene models, each heard as far as it predicts votes it did not see.

`columns` holds the votes sorted by item, `centres` what annotators are expected to be like, `fit` one model, `held_out`
how well it predicts and how far votes repeat one another, `average` the method itself.
"""
