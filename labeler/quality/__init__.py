"""What is probably wrong: features, held-out predictions, detectors, inspections and flags.

Importing this package costs nothing: numpy, scikit-learn, scikit-image, scipy and cleanlab are imported inside the
functions that use them, because together they cost seconds and hundreds of megabytes the web process must not pay.
"""
