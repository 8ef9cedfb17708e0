"""The table cleanlab works with: labels as integers, quality scores, consensus columns.

label, given_label, predicted_label and consensus_label are integers 0..K-1 in *lexicographic class order*, as
cleanlab wants them; final_label is the name of the class, so pairs of `label` and `final_label` spell the order out.
`label` is the final label: the column to train on. Several labels are a JSON list of integers; boxes are what
cleanlab's object detection takes, {"bboxes": [[x1, y1, x2, y2], …], "labels": […], "image_name"}, in pixels.

annotator_agreement is the share of the answers that say the most frequent thing, as `agreement` in csv/__init__.py.

Note: the order of classes in the project is not the order here. The integers follow the
sorted names, and a label that is no class of the project any more has an empty cell, never a wrong number.
"""

from labeler.exchange.formats.base import Format
from labeler.exchange.formats.cleanlab.write import WRITER

FORMAT = Format(writer=WRITER)
