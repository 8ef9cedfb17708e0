"""How far the annotators of a project agree, by the measure that its task type leads with.

Note: these numbers do not compare: each is read on its own scale.
"""

from dataclasses import asdict
from typing import Any

from sqlalchemy.orm import Session

from labeler.agreement.queries import histogram, items_of_two
from labeler.measures.headline import Measured, shown
from labeler.measures.named import Named, of_two
from labeler.measures.summary import pair
from labeler.projects.models import Project
from labeler.projects.queries import Classes

_KEYS: dict[str, Any] = dict.fromkeys(
    (
        *("measure", "scale", "alpha", "interval", "percent", "percent_interval", "chance", "verdict", "reason"),
        *("within_one", "alpha_interval_scale", "items", "pairable_items", "answers", "pairable_answers", "classes"),
        *("f1", "f1_interval", "found", "class_agreement", "jaccard", "jaccard_interval", "objects", "marks"),
    )
)


def measure(session: Session, project: Project, classes: Classes) -> Measured:
    """Measure agreement on a project's counted answers."""
    return classes.task.agreement(histogram(session, project.id), classes.codes)


def measure_two(session: Session, project: Project, classes: Classes) -> tuple[Named, ...]:
    """Return the measures of two annotators, where exactly two gave counted answers and each is one class."""
    if not classes.task.one_class:
        return ()
    items = items_of_two(session, project.id, classes.index_of_code)
    return of_two(items, len(classes.codes), "ordinal" if classes.task.ordered else "nominal")


def as_json(found: Measured, names: tuple[str, ...], two: tuple[Named, ...] = ()) -> dict[str, Any]:
    """Return what was measured as tools outside read it; what a measure does not have is null.

    two: what `measure_two` said.
    """
    said, lead = found.as_dict(names), found.headline(names)
    details = [*said.get("details", ()), *map(asdict, two)]
    value = {"value": lead.value, "value_interval": pair(lead.interval), "shown": shown(lead)}
    return _KEYS | said | value | {"details": details}
