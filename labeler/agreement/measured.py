"""How far the annotators of a project agree, by the measure that its task type leads with.

Note: these numbers do not compare: each is read on its own scale.
"""

from typing import Any

from sqlalchemy.orm import Session

from labeler.agreement.queries import histogram
from labeler.measures.told import Measured
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


def as_json(found: Measured, names: tuple[str, ...]) -> dict[str, Any]:
    """Return what was measured as tools outside read it; what a measure does not have is null."""
    return _KEYS | found.as_dict(names)
