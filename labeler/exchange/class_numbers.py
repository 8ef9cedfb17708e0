"""The numbers by which files know the classes: kept with the project, so that they go out as they came in.

Those of COCO are numbers of their own, of which the first file's stay. Those of YOLO are places in a list. They are
kept so that labels which come without that list can be read, and only as long as no file says otherwise: labels of
another class would be worse than none.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from sqlalchemy.orm import Session

from labeler.exchange.actions import Counts
from labeler.exchange.rows import RejectedRow, Row
from labeler.exchange.sources import ClassNumbers
from labeler.messages import Message
from labeler.projects.actions import change_project
from labeler.projects.models import Project
from labeler.projects.queries import CLASS_NUMBERS, CLASS_PLACES, Classes, classes_of, numbers_of, places_of

OTHER = Message("a class has another number here than in the file, as another file came before; that number stays")


class Numbered:
    """Collects the numbers of classes that files have, as their rows pass by; of two numbers the first one counts."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.places: dict[str, int] = {}

    def note(self, rows: Iterable[Row | RejectedRow]) -> None:
        """Take in what the files of these rows say."""
        taken = [row for row in rows if isinstance(row, Row)]
        for numbers in {id(row.class_numbers): row.class_numbers for row in taken if row.class_numbers}.values():
            self.numbers = {**numbers, **self.numbers}
        for places in {id(row.class_places): row.class_places for row in taken if row.class_places}.values():
            self.places = {**places, **self.places}


def known_numbers(classes: Classes, told: Mapping[int, str]) -> ClassNumbers:
    """Return what is known of the numbers of classes. told: by whoever imports."""
    ids = {number: name for name, number in numbers_of(classes).items()}
    places = {place: name for name, place in places_of(classes).items() if place is not None}
    return ClassNumbers(ids, places, told)


def keep(session: Session, project_id: int, numbered: Numbered) -> Counts:
    """Keep the numbers of classes that the project has; returns what could not be kept, counted."""
    classes = classes_of(session, project_id)
    if numbered.places:
        _keep_places(session, project_id, classes, numbered.places)
    return _keep_numbers(session, project_id, classes, numbered.numbers)


def _keep_numbers(session: Session, project_id: int, classes: Classes, numbers: Mapping[str, int]) -> Counts:
    counts, known = Counts(), numbers_of(classes)
    told = {name: number for name, number in numbers.items() if name in classes.by_name and known.get(name) != number}
    new = {name: number for name, number in told.items() if name not in known and number not in known.values()}
    if new:
        codes = {classes.by_name[name]: number for name, number in {**known, **new}.items()}
        change_project(session, session.get_one(Project, project_id), {"settings": {CLASS_NUMBERS: codes}})
    if others := sorted(told.keys() - new.keys()):
        counts.note_parts(Row(0, None, ", ".join(others), None, None, {}, left_out=((OTHER, len(others)),)))
    return counts


def _keep_places(session: Session, project_id: int, classes: Classes, places: Mapping[str, int]) -> None:
    known = places_of(classes)
    told = {name: place for name, place in places.items() if name in classes.by_name}
    merged: dict[str, int | None] = {**told, **known}
    for name, place in told.items():
        if merged[name] != place:
            merged[name] = None
    often = Counter(place for place in merged.values() if place is not None)
    agreed = {name: None if place is not None and often[place] > 1 else place for name, place in merged.items()}
    if agreed != known:
        codes = {classes.by_name[name]: place for name, place in agreed.items()}
        change_project(session, session.get_one(Project, project_id), {"settings": {CLASS_PLACES: codes}})
