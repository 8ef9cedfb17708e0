"""spaCy's binary training data: `.spacy` files (DocBin), one or a ZIP or folder of them, in and out.

Spans come from `doc.spans` where a document has any, else from its entities; classes are the `cats` from 0.5. What goes
out are files of some thousands of documents by split, as spaCy's training reads a folder of them. Words are cut
wherever a span begins or ends, so that every span has words and the text comes back character by character.

Note: such a file can say more than this program should believe. Only words, blanks, entities, groups of spans and
classes are handed on to the library, each checked before; parses, lemmas and vectors are left out.
"""

from labeler.exchange.formats.base import Format
from labeler.exchange.formats.docbin.read import READER
from labeler.exchange.formats.docbin.write import WRITER

FORMAT = Format(reader=READER, writer=WRITER)
