"""A folder of images on this machine, in the ImageFolder layout (see parsing/imagefolder.py)."""

from labeler.exchange.formats.base import Format
from labeler.exchange.formats.folder.read import READER

FORMAT = Format(reader=READER)
