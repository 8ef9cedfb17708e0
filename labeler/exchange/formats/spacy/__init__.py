"""Training data for spaCy as JSON: `{"text", "entities": [[start, end, label]]}`, one a line or in one list.

`["text", {"entities": […]}]` is read as well, as are `spans` (any key, overlaps allowed) and, where the answer is one
class or several, `cats` ({label: 0.0 to 1.0}, chosen from 0.5). Places count Unicode code points, ends exclusive, as in
Python. spaCy's own binary `.spacy` (DocBin) is a format of its own.

Note: entities may not overlap in spaCy. All spans of an item whose spans overlap stand in
`spans`, under the key "sc" that spaCy's own span categorizer uses, and `entities` holds those that do not; read back,
`spans` comes first.
"""

from labeler.exchange.formats.base import Format
from labeler.exchange.formats.spacy.read import READER
from labeler.exchange.formats.spacy.write import WRITER

FORMAT = Format(reader=READER, writer=WRITER)
