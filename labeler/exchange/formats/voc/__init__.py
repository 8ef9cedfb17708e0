"""Pascal VOC: pictures in `JPEGImages/`, and for each an XML file in `Annotations/` with its boxes.

Sides are pixels counted from 1 of which the last one still belongs to the box, as the tools of VOC have them: the box
from 1 to 100 of a picture that is 100 wide is all of it. So x is xmin - 1 and the width is xmax - xmin + 1.

Note: some tools write pixels from 0 into such files and nothing in them says so; their boxes
come in one pixel to the left, cut at the edge. `<part>` has boxes of its own, which are no objects of the picture. A
picture without an XML file has no label; one whose XML file lists no object is one where nothing is to be seen. The
lists `ImageSets/Main/{train,val,test}.txt` become the split of a picture; pictures in `SegmentationClass/` and
`SegmentationObject/` are masks and never items.
"""

from labeler.exchange.formats.base import Format
from labeler.exchange.formats.voc.read import READER
from labeler.exchange.formats.voc.write import WRITER

FORMAT = Format(reader=READER, writer=WRITER)
