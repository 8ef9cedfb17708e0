"""fastText's training data: an item a line, `__label__name text`, with as many labels as it has.

A label ends at a blank, so blanks in the names of classes go out as `_`; coming in, `__label__big_dog` is the class
"big dog" where the project has one and none that is called big_dog. Labels may stand before the text or behind it.
"""

from labeler.exchange.formats.base import Format
from labeler.exchange.formats.fasttext.read import READER
from labeler.exchange.formats.fasttext.write import WRITER

FORMAT = Format(reader=READER, writer=WRITER)
