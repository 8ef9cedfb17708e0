"""The numbers by which files know the classes: kept with the project, so that they go out as they came in."""

from collections.abc import Iterable, Mapping

from sqlalchemy.orm import Session

from labeler.exchange.actions import Counts
from labeler.exchange.rows import RejectedRow, Row
from labeler.messages import Message
from labeler.projects.actions import change_project
from labeler.projects.models import Project
from labeler.projects.queries import CLASS_NUMBERS, classes_of, numbers_of

OTHER = Message("a class has another number here than in the file, as another file came before; that number stays")


def numbers_in(rows: Iterable[Row | RejectedRow]) -> dict[str, int]:
    """Return the numbers of classes by name that the files of these rows have; of two the first one counts."""
    files = {id(row.class_numbers): row.class_numbers for row in rows if isinstance(row, Row) and row.class_numbers}
    found: dict[str, int] = {}
    for numbers in files.values():
        found = {**numbers, **found}
    return found


def keep(session: Session, project_id: int, numbers: Mapping[str, int]) -> Counts:
    """Keep the numbers of classes that the project has; returns what could not be kept, counted."""
    counts, classes = Counts(), classes_of(session, project_id)
    known = numbers_of(classes)
    told = {name: number for name, number in numbers.items() if name in classes.by_name and known.get(name) != number}
    new = {name: number for name, number in told.items() if name not in known and number not in known.values()}
    if new:
        codes = {classes.by_name[name]: number for name, number in {**known, **new}.items()}
        change_project(session, session.get_one(Project, project_id), {"settings": {CLASS_NUMBERS: codes}})
    if others := sorted(told.keys() - new.keys()):
        counts.note_parts(Row(0, None, ", ".join(others), None, None, {}, left_out=((OTHER, len(others)),)))
    return counts
