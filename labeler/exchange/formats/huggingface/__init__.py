"""Datasets of Hugging Face: folders (or ZIPs of them) that the `datasets` library writes and reads.

In: what `save_to_disk` writes (Arrow files with state.json, a folder for each split), and folders of Parquet files as
the Hub has them; the split is kept as metadata, and numbers of classes become the names that the dataset gives them.
Out: a ZIP with a dataset card and Parquet files for each split (metadata `split`, else train), which `load_dataset`
opens from its folder; labels are ClassLabel numbers in the order of the project's classes.
"""

from labeler.exchange.formats.base import Format
from labeler.exchange.formats.huggingface.read import READER
from labeler.exchange.formats.huggingface.write import WRITER

FORMAT = Format(reader=READER, writer=WRITER)
