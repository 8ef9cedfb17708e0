"""LabelMe: for each picture a JSON file with its shapes, beside the picture or with the picture in it (`imageData`).

Numbers are pixels from the top left of the upright picture. A polygon is an outline; a rectangle is a box, and in a
polygons project its four corners. In a boxes project an outline becomes the box around it.

Note: circles, lines, points, masks and turned boxes are neither, so they are left out and
counted by their kind; where nothing is left, the picture has no label. Shapes of one `group_id` are one object drawn in
pieces, of which each becomes an object. The flags of the picture are kept as metadata; a picture without a JSON file
has no label, and one whose file lists no shape is one where nothing is to be seen.
"""

from labeler.exchange.formats.base import Format
from labeler.exchange.formats.labelme.read import READER

FORMAT = Format(reader=READER)
