"""A ZIP of images, in the ImageFolder layout (see parsing/imagefolder.py)."""

from labeler.exchange.formats.base import Format
from labeler.exchange.formats.zip.read import READER

FORMAT = Format(reader=READER)
