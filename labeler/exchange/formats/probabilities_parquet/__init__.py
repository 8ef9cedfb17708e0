"""The probabilities of the newest check, each of a model that never saw the item, as Parquet: a row an item.

`probabilities` is a list in the order of the classes, which stands in the file's metadata under `classes`. It comes in
again as imported probabilities do.
"""

from labeler.exchange.formats.base import Format
from labeler.exchange.formats.probabilities_parquet.write import WRITER

FORMAT = Format(writer=WRITER)
