"""Parquet: typed columns, as pandas, DuckDB and Spark read them.

In: dictionary columns and numbers of classes (as the datasets library stores them) become names, pictures may lie in
cells as {"bytes", "path"}. Out: what JSON Lines holds, with a column of one class as a dictionary whose values are the
project's classes in its order, which pandas reads as categories; votes, skips and flags are lists of structs, and
metadata, soft labels and labels made of objects are JSON in text.
"""

from labeler.exchange.formats.base import Format
from labeler.exchange.formats.parquet.read import READER
from labeler.exchange.formats.parquet.write import WRITER

FORMAT = Format(reader=READER, writer=WRITER)
