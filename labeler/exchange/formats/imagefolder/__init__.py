"""ImageFolder: `<split>/<class>/picture`, as torchvision and Hugging Face's datasets read it.

It comes in again as any ZIP of images or folder of images does.

Note: torchvision numbers the classes of each split by themselves, so in a split that lacks a class the
ones after it have other numbers there; datasets and YOLO number them over all splits.
"""

from labeler.exchange.formats.base import Format
from labeler.exchange.formats.imagefolder.write import WRITER

FORMAT = Format(writer=WRITER)
