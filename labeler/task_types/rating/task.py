"""Rating: where on an ordered scale is it? Classes are the steps, in the project's order."""

from labeler.messages import Message
from labeler.task_types.base import Content, Example, Setting, TaskConfig, Words
from labeler.task_types.choice import Choice


class Rating(Choice):
    """One step of a scale; answers further apart disagree more (ordinal agreement)."""

    name = "rating"
    title: str = Message("Rating")
    words = Words(
        choice=Message("A rating: one step of a scale"),
        question=Message("Where on the scale is it?"),
        classes=Message("Steps of the scale"),
    )
    ordered = True
    settings = (
        Setting("low", Message("Word at the low end"), Message("Such as “not at all”."), "text", 60),
        Setting("high", Message("Word at the high end"), Message("Such as “completely”."), "text", 60),
    )
    example = Example(
        config=TaskConfig(classes=("1", "2", "3", "4", "5")),
        content=Content(text="Better than the last one."),
        value={"label": "4"},
        garbage=(None, 4, "4", {}, {"label": 4}, {"label": "6"}, {"label": "4", "extra": 0}),
    )
