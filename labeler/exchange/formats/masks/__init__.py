"""Masks: a PNG for each picture whose pixels are numbers of classes, in a palette, and a list of the classes.

0 is background; the classes follow from 1 in the project's order. A pixel belongs to an outline when its middle lies
inside. With more than 255 classes a PNG holds 16 bits a pixel and no palette.

Note: a mask knows no objects. Where two overlap, the later one is on top, and what is hidden that
way is counted, as is an object so thin that it covers no pixel's middle.
"""

from labeler.exchange.formats.base import Format
from labeler.exchange.formats.masks.write import WRITER

FORMAT = Format(writer=WRITER)
