"""doccano's JSON Lines: a text or a file name, and its labels, spans, boxes or outlines.

Classes are `label: ["a"]`, spans `label: [[start, end, "a"]]` or `entities: [{start_offset, end_offset, label}]`, boxes
`bbox: [{x, y, width, height, label}]`, outlines `segmentation: [{points: [x, y, …], label}]`, in pixels. Relations,
comments and whatever else a line holds are kept as metadata.

Note: doccano's screen counts a place in UTF-16 code units, files made by programs mostly in
code points, and neither says so; offsets.py decides text by text, and only behind an emoji there is anything to decide.
What goes out counts code points.
"""

from labeler.exchange.formats.base import Format
from labeler.exchange.formats.doccano.read import READER
from labeler.exchange.formats.doccano.write import WRITER

FORMAT = Format(reader=READER, writer=WRITER)
