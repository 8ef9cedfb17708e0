"""What a lead reads: the snapshot that all numbers are counted from, and the counts.

Also what bulk labeling and suggestions do to speed and to mistakes, and item search.
"""
