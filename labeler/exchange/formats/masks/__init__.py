"""Masks: a PNG for each picture whose pixels are numbers of classes, in a palette, and a list of the classes.

0 is background; the classes follow from 1 in the project's order. A pixel belongs to an outline when its middle lies
inside. With more than 255 classes a PNG holds 16 bits a pixel and no palette.

Coming in, masks lie in a folder `masks` or `SegmentationClass`, under the names of their pictures; `classes.csv` says
which class a number is, or `labelmap.txt`, as CVAT writes it, which a colour is. Each piece of a class is an object.

Note: a mask knows no objects. Where two overlap, the later one is on top, and what is hidden that
way is counted, as is an object so thin that it covers no pixel's middle.
"""

from labeler.exchange.formats.base import Format
from labeler.exchange.formats.masks.read import READER
from labeler.exchange.formats.masks.write import WRITER

FORMAT = Format(reader=READER, writer=WRITER)
