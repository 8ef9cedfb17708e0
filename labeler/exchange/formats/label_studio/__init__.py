"""Label Studio's JSON: a list of tasks with their data, annotations and predictions, in and out, for every task.

The labeling configuration that fits an export has one control called "label" (Choices, RectangleLabels, PolygonLabels
or Labels) and one object called "text" or "image". How single results are read and written stands in
regions.py.

Read as items, a task's given label is its one annotation marked `ground_truth`, else its only annotation; where several
people answered there is none, and reading the file as annotations brings all of them in. Skipped (`was_cancelled`)
annotations are reported. Of the predictions the first stands for the model. The id of an item is the one our own export
kept, or one in the data, or the task's.

The short exports (JSON_MIN and CSV, a row for each annotation) are read as well; flat.py says how.

Note: nothing is fetched. An image is looked for by the end of its address among the files
beside the JSON or in the same ZIP.
"""

from labeler.exchange.formats.base import Format
from labeler.exchange.formats.label_studio.read import READER
from labeler.exchange.formats.label_studio.write import WRITER

FORMAT = Format(reader=READER, writer=WRITER)
