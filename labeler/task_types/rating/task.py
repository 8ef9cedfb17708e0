"""Rating: where on an ordered scale is it? Classes are the steps, in the project's order."""

from labeler.messages import Message
from labeler.task_types.base import Content, Example, TaskConfig
from labeler.task_types.choice import Choice


class Rating(Choice):
    """One step of a scale; answers further apart disagree more (ordinal agreement)."""

    name = "rating"
    title: str = Message("Rating")
    scale = "ordinal"
    example = Example(
        config=TaskConfig(classes=("1", "2", "3", "4", "5")),
        content=Content(text="Better than the last one."),
        value={"label": "4"},
        garbage=(None, 4, "4", {}, {"label": 4}, {"label": "6"}, {"label": "4", "extra": 0}),
    )
