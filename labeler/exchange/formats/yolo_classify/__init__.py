"""YOLO for classes of pictures, as Ultralytics reads it: `train/`, `val/` and `test/` with a folder for each class.

Note: classes are numbered by the folders of each split, so every split has a folder for every class,
also where no picture is in it.
"""

from labeler.exchange.formats.base import Format
from labeler.exchange.formats.yolo_classify.write import WRITER

FORMAT = Format(writer=WRITER)
