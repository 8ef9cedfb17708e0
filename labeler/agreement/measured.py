"""How far the annotators of a project agree, by the measure that fits what they were asked.

One choice or rating: alpha over classes. Several labels: alpha over sets with MASI distance. Boxes, polygons, spans: F1
on what was marked. Note: these numbers do not compare: each is read on its own scale.
"""

from dataclasses import asdict
from typing import Any

from sqlalchemy.orm import Session

from labeler.agreement.intervals import Interval
from labeler.agreement.labelsets import LabelSetAgreement, label_set_agreement
from labeler.agreement.metrics import ClassAgreement
from labeler.agreement.named import Named, of_two
from labeler.agreement.objects import ObjectAgreement, object_agreement
from labeler.agreement.patterns import NOTHING
from labeler.agreement.queries import histogram, items_of_two, set_histogram
from labeler.agreement.summary import Summary, as_dict, summary
from labeler.projects.models import Project
from labeler.projects.queries import Classes, task_of

Measured = Summary | LabelSetAgreement | ObjectAgreement


def measure(session: Session, project: Project, classes: Classes) -> Measured:
    """Measure agreement on a project's counted answers."""
    task, n_classes = task_of(project), len(classes.codes)
    if task.objects:
        index = {**classes.index_of_code, NOTHING: n_classes}
        return object_agreement(histogram(session, project.id, index), n_classes)
    if task.parts:
        return label_set_agreement(set_histogram(session, project.id), n_classes)
    found = histogram(session, project.id, classes.index_of_code)
    return summary(found, n_classes, "ordinal" if task.scale == "ordinal" else "nominal")


def measure_two(session: Session, project: Project, classes: Classes, found: Measured) -> tuple[Named, ...]:
    """Return the measures of two annotators, where exactly two gave counted answers and each is one class."""
    if not isinstance(found, Summary):
        return ()
    items = items_of_two(session, project.id, classes.index_of_code)
    return of_two(items, len(classes.codes), found.scale)


def as_json(found: Measured, names: tuple[str, ...], two: tuple[Named, ...] = ()) -> dict[str, Any]:
    """Return what was measured as tools outside read it; what a measure does not have is null.

    two: what `measure_two` said.
    """
    if isinstance(found, Summary):
        details = [asdict(one) for one in (*found.details, *two)]
        return _MORE | as_dict(found, names) | {"details": details}
    if isinstance(found, LabelSetAgreement):
        return _NOTHING | {
            "measure": "krippendorff_alpha_masi",
            "alpha": found.alpha,
            "interval": _pair(found.interval),
            "percent": found.exact,
            "jaccard": found.jaccard,
            "jaccard_interval": _pair(found.jaccard_interval),
            "reason": found.reason_sentence or None,
            "pairable_items": found.items,
            "pairable_answers": found.answers,
            "classes": _classes(names, found.per_class, found.specific_intervals),
        }
    return _NOTHING | {
        "measure": "f1",
        "f1": found.f1,
        "f1_interval": _pair(found.f1_interval),
        "found": found.found,
        "class_agreement": found.class_agreement,
        "alpha": found.alpha,
        "interval": _pair(found.alpha_interval),
        "reason": found.reason_sentence or None,
        "objects": found.objects,
        "marks": found.marks,
        "classes": _classes(names, found.per_class, found.specific_intervals),
    }


_MORE: dict[str, Any] = dict.fromkeys(
    ("f1", "f1_interval", "found", "class_agreement", "jaccard", "jaccard_interval", "objects", "marks")
)
_NOTHING: dict[str, Any] = _MORE | {
    "scale": "nominal",
    "details": [],
    **dict.fromkeys(("percent", "percent_interval", "chance", "verdict", "within_one", "alpha_interval_scale")),
    **dict.fromkeys(("items", "pairable_items", "answers", "pairable_answers")),
}


def _classes(
    names: tuple[str, ...], each: tuple[ClassAgreement, ...], spans: tuple[Interval | None, ...]
) -> list[dict[str, Any]]:
    return [
        {
            "class": name,
            "answers": one.answers,
            "specific_agreement": one.specific,
            "interval": _pair(span),
            "alpha": one.alpha,
        }
        for name, one, span in zip(names, each, spans, strict=True)
    ]


def _pair(span: Interval | None) -> list[float] | None:
    return None if span is None else [span.low, span.high]
