"""COCO with a mask in run lengths (RLE) for each object, as pycocotools packs them, for polygons.

It comes in as any file of COCO does.

Note: a mask is made of whole pixels: a pixel belongs to an outline when its middle lies inside, so a corner comes back
right to a pixel. The outlines of one object are one mask.
"""

from labeler.exchange.formats.base import Format
from labeler.exchange.formats.coco_rle.write import WRITER

FORMAT = Format(writer=WRITER)
