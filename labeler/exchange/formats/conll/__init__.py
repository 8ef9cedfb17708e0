"""CoNLL-2003: a token a line with its tag in the last column, a blank line after each sentence; for spans of text.

A sentence is an item; its text is its tokens joined by single blanks, so offsets come from them. IOB1, BIO (IOB2),
BIOES and BILOU are all read by one rule: a span begins at B, S or U, and at any other letter where no span of that
label goes on; it ends after S, U, E and L. Further columns (part of speech, chunk) are metadata, joined by blanks as
the text is.

A sentence that stands in a file more than once is as many items, as in training each counts: the first goes by its
text, the others by ids made of it.

Note: BIO goes out over our own tokens (parsing/tokens.py), unless the item came in as CoNLL, where its
blanks are its tokens. A span that fits no tokens is moved to their edges, one that overlaps another is left out, and
both are counted in the report: the file itself has no room for a comment.
"""

from labeler.exchange.formats.base import Format
from labeler.exchange.formats.conll.read import READER
from labeler.exchange.formats.conll.write import WRITER

FORMAT = Format(reader=READER, writer=WRITER)
