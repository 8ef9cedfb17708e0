"""Classification asks which one of several classes it is."""

from labeler.messages import Message
from labeler.task_types.base import Content, Example, Setting, TaskConfig, Words
from labeler.task_types.choice import Choice


class Classification(Choice):
    """One class of n; answers are compared as equal or not."""

    name = "classification"
    title: str = Message("Classification")
    words = Words(
        choice=Message("A choice: one class out of a list"),
        question=Message("Which class is it?"),
    )
    pages = True
    settings = (
        Setting(
            "bulk",
            Message("Bulk labeling of look-alikes"),
            Message(
                "Annotators confirm up to 30 look-alikes at once and see the class the model proposes before they "
                "answer, so the first pass is not blind any more. Such answers are marked and compared with single "
                "ones."
            ),
            "switch",
            default=False,
        ),
    )
    example = Example(
        config=TaskConfig(classes=("cat", "dog", "neither")),
        content=Content(text="It purrs."),
        value={"label": "cat"},
        garbage=(
            None,
            "cat",
            1,
            [],
            {},
            {"label": "lion"},
            {"label": 1},
            {"label": "cat", "extra": 1},
            {"labels": ["cat"]},
        ),
    )
