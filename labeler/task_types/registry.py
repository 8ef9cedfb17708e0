"""What an annotator can be asked. A new task type is one folder here and one line in TASK_TYPES."""

from labeler.errors import Invalid
from labeler.task_types.base import TaskType
from labeler.task_types.boxes.task import Boxes
from labeler.task_types.classification.task import Classification
from labeler.task_types.multilabel.task import Multilabel
from labeler.task_types.polygons.task import Polygons
from labeler.task_types.rating.task import Rating
from labeler.task_types.spans.task import Spans
from labeler.task_types.text.task import Text

TASK_TYPES: dict[str, TaskType] = {
    "classification": Classification(),
    "rating": Rating(),
    "multilabel": Multilabel(),
    "boxes": Boxes(),
    "polygons": Polygons(),
    "spans": Spans(),
    "text": Text(),
}


def task_type(name: str) -> TaskType:
    """Return the task type called `name`; raises Invalid (field task) naming the known ones."""
    if name not in TASK_TYPES:
        raise Invalid(
            "There is no task type {name!r}; choose one of {tasks}.",
            field="task",
            name=name,
            tasks=", ".join(TASK_TYPES),
        )
    return TASK_TYPES[name]


def by_shape(shape: str) -> TaskType:
    """Return a task type whose values have this shape: how they are spelled is the same for all that share it."""
    return next(one for one in TASK_TYPES.values() if one.shape == shape)
