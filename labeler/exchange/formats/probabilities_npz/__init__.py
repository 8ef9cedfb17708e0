"""The probabilities of the newest check, each of a model that never saw the item, as numpy keeps several arrays.

`item`, `external_id`, `classes` (in the project's order), `probabilities` (a row an item, a column a class), `label`
(the place of the final label among the classes, -1 without one) and with a split `split` (the name of the part). It
comes in again as imported probabilities do.

Note: NPZ says how many rows there are before the first one, so the rows wait in a temporary file; memory stays flat.
"""

from labeler.exchange.formats.base import Format
from labeler.exchange.formats.probabilities_npz.write import WRITER

FORMAT = Format(writer=WRITER)
