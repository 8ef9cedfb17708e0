"""TSV: a table whose cells are separated by tabs."""

from labeler.exchange.formats.base import Format
from labeler.exchange.formats.tsv.read import READER

FORMAT = Format(reader=READER)
