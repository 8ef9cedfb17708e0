"""TSV: a table whose cells are separated by tabs."""

from labeler.exchange.formats.base import Format
from labeler.exchange.formats.tsv.read import READER
from labeler.exchange.formats.tsv.write import WRITER

FORMAT = Format(reader=READER, writer=WRITER)
