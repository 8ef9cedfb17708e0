"""When an answer of an audit says what the label says: the task type's own sameness, not the same bytes."""

from labeler.annotations.models import Annotation
from labeler.audits.models import AuditItem
from labeler.audits.queries import _alike
from labeler.projects.models import Item, ProjectClass
from labeler.projects.queries import Classes
from labeler.task_types.base import Value
from labeler.task_types.registry import TASK_TYPES

ROWS = (ProjectClass(id=1, name="cat"), ProjectClass(id=2, name="dog"))


def alike(task: str, item: Item, label: Value, answer: Value) -> bool:
    classes = Classes(ROWS, TASK_TYPES[task])
    (code, value), (other, said) = classes.keep(label), classes.keep(answer)
    return _alike(classes, item, AuditItem(code=code, value=value), Annotation(code=other, value=said))


def box(label: str, x: float, y: float = 10, width: float = 50, height: float = 40) -> dict[str, object]:
    return {"label": label, "x": x, "y": y, "width": width, "height": height}


def test_boxes_are_the_same_where_each_thing_was_drawn_by_both_with_its_class() -> None:
    picture = Item(width=400, height=300)
    label = {"boxes": [box("cat", 10), box("dog", 200)]}
    assert alike("boxes", picture, label, {"boxes": [box("dog", 203, height=41), box("cat", 12)]})
    assert not alike("boxes", picture, label, {"boxes": [box("cat", 10)]}), "one is missed"
    assert not alike("boxes", picture, label, {"boxes": [box("cat", 10), box("cat", 200)]}), "another class"
    assert not alike("boxes", picture, label, {"boxes": [box("cat", 10), box("dog", 300)]}), "somewhere else"
    assert not alike("boxes", picture, label, {"boxes": []})


def test_spans_are_the_same_where_every_character_is() -> None:
    text = Item(text="The cat and the dog.")
    label = {"spans": [{"label": "cat", "start": 4, "end": 7}]}
    assert alike("spans", text, label, label)
    assert not alike("spans", text, label, {"spans": [{"label": "dog", "start": 4, "end": 7}]})
    assert not alike("spans", text, label, {"spans": []})


def test_sets_of_classes_are_the_same_in_any_order() -> None:
    item = Item(text="Both.")
    assert alike("multilabel", item, {"labels": ["cat", "dog"]}, {"labels": ["dog", "cat"]})
    assert not alike("multilabel", item, {"labels": ["cat", "dog"]}, {"labels": ["cat"]})
