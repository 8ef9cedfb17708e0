"""cleanlab's table of several annotators (`labels_multiannotator`): a row an item, a column a person.

`cleanlab.multiannotator` takes it as it is read by pandas with `item` as the index. Cells hold the number of the class
among the sorted names and are empty where the person did not answer, which pandas reads as NaN. The library takes every
column for a person, so a split is a file a part: `train.csv`, `val.csv`, `test.csv`, with the same columns each.
"""

from labeler.exchange.formats.base import Format
from labeler.exchange.formats.cleanlab_votes.write import WRITER

FORMAT = Format(writer=WRITER)
