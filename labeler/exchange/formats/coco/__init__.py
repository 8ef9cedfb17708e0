"""COCO: one JSON object of images, annotations and categories, for boxes and polygons.

It comes as the JSON alone beside its pictures, or as a folder or ZIP with `annotations/*.json` (of several files those
named `instances_…`). Numbers are pixels from the top left. Categories go by their name, whatever their ids and gaps; an
image that no annotation names is one where nothing is to be seen.

Note: a category that is not in the file is left out and counted, and so is a crowd where outlines are asked for; their
picture stays. Where nothing is left, it has no label, as "nothing here" would be a wrong one. In a boxes project a
crowd is its box, and goes out as a crowd again. What is broken (three numbers for
a box, no place in the picture) leaves the picture out with the reason. A mask in run lengths becomes the outlines of
its pieces, its holes filled and counted; one that does not fit its picture is left out and counted.
A box in a polygons project is no outline; a polygon of several pieces becomes several polygons. In a boxes project
`bbox` counts, and without one the box around the outlines or the mask. Keypoints and captions are not read.
"""

from labeler.exchange.formats.base import Format
from labeler.exchange.formats.coco.read import READER
from labeler.exchange.formats.coco.write import WRITER

FORMAT = Format(reader=READER, writer=WRITER)
