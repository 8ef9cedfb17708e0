"""YOLO as Ultralytics reads it: a folder or ZIP of pictures and text files of the same name, for boxes and polygons.

The layouts `images/<split>` with `labels/<split>`, `<split>/images` with `<split>/labels`, and pictures beside their
text files are all taken; which class a number means stands in `data.yaml`, `classes.txt` or `obj.names`. One text file
alone, or a folder of them, is about pictures that are items already: it is called as its picture is, and where it
brings no names of classes those are used that an earlier file had, or that whoever imports says. A line is
`class cx cy w h` (a box) or `class x1 y1 x2 y2 x3 y3 …` (an outline), as shares of the picture; the count of numbers
tells them apart, line by line.

Note: a picture without a text file is background, where nothing is to be seen, as in training;
only where its folder has no text file at all, or where some label file found no picture, it has no label. An outline
becomes the box around it in a boxes project, but four corners may be a turned box, and a turned box is none of ours. A
line that cannot be held costs itself; a picture of which no line can be held has no label, and each line says why.
"""

from labeler.exchange.formats.base import Format
from labeler.exchange.formats.yolo.read import READER
from labeler.exchange.formats.yolo.write import WRITER

FORMAT = Format(reader=READER, writer=WRITER)
