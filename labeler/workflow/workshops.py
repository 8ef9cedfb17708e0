"""Workshops: save a rule about two classes, ask again at their border, and take both back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from labeler.errors import Conflict, Invalid
from labeler.projects.actions import add_guideline, alone_with, restore_guideline
from labeler.projects.examples import TRICKY, Example, from_json, with_example
from labeler.projects.models import Project
from labeler.projects.queries import Classes, classes_of, guideline_of
from labeler.quality.models import Inspection
from labeler.quality.queries import latest_inspection
from labeler.storage.database import clock
from labeler.workflow.vote_requests import MOST_ITEMS, ask_one_more, take_back_request
from labeler.workshops import queries
from labeler.workshops.border import Contested, Near, near_border
from labeler.workshops.models import Workshop
from labeler.workshops.rules import LONGEST_LINE, LONGEST_RULE, with_rule


@dataclass(frozen=True)
class PairRule:
    """What a lead wrote about two classes. pair: class ids as text; line: what annotators read in one line.

    tricky: items shown with it, with what each is; based_on: the version it was written on, 0 for none; ask: whether
    items near the border are asked about again; key: the same one again changes nothing.
    """

    pair: tuple[str, str]
    text: str
    line: str
    based_on: int
    key: str
    ask: bool = True
    tricky: Sequence[tuple[int, str]] = ()

    def check(self, classes: Classes) -> None:
        """Raise Invalid, naming the field."""
        if self.pair[0] == self.pair[1] or any(code not in classes.by_code for code in self.pair):
            raise Invalid("Choose two different classes of this project.", field="pair")
        if not self.text.strip():
            raise Invalid("Write the rule first: what tells the two classes apart.", field="rule")
        if len(self.text) > LONGEST_RULE:
            raise Invalid("A rule has at most {most:,} characters.", field="rule", most=LONGEST_RULE)
        if not self.line.strip() or len(self.line) > LONGEST_LINE:
            raise Invalid("Say in one line of at most {most} characters what changed.", field="line", most=LONGEST_LINE)
        if not 8 <= len(self.key) <= 40:  # noqa: PLR2004 - a UUID with room
            raise Invalid("The key must be a text of 8 to 40 characters, best a UUID.", field="key")


@dataclass(frozen=True)
class AtBorder:
    """What a workshop about two classes looks at. near: what would be asked about again."""

    inspection: Inspection | None
    contested: tuple[Contested, ...]
    near: Near


def read_border(session: Session, project_id: int, classes: Classes, pair: tuple[str, str]) -> AtBorder:
    """Return the items at the border of two classes: what is shown and what saving asks about are the same."""
    inspection = latest_inspection(session, project_id)
    found = queries.contested(session, project_id, pair, inspection)
    chances = queries.model_says(session, classes, pair, inspection)
    others = queries.called_one(session, project_id, pair) if chances else []
    return AtBorder(inspection, found, near_border(found, chances, others))


def save_rule(session: Session, project: Project, rule: PairRule, *, by: int) -> Workshop:
    """Save a rule as the next version of the guidelines and ask for one more answer near the border.

    Raises Conflict where the guidelines have another version by now, Invalid naming the field; then nothing is stored.
    """
    project = alone_with(session, project)
    classes = classes_of(session, project.id)
    rule.check(classes)
    batch = f"workshop-{rule.key}"
    if (known := _known(session, project.id, batch)) is not None:
        return known
    now, pair = clock(session), _in_order(classes, rule.pair)
    asked = 0
    if rule.ask:
        near = read_border(session, project.id, classes, pair).near.items[:MOST_ITEMS]
        asked = ask_one_more(session, project, near, by=by, batch=batch).asked
    workshop = Workshop(
        project_id=project.id,
        first=pair[0],
        second=pair[1],
        guideline_version=_write(session, project, classes, rule, by=by, now=now),
        line=rule.line.strip(),
        batch=batch,
        asked=asked,
        created_by=by,
        created_at=now,
    )
    session.add(workshop)
    session.flush()
    return workshop


def take_rule_back(session: Session, project: Project, workshop_id: int, *, by: int) -> int:
    """Undo a rule: the guidelines say again what they said before, and what was not answered yet is not asked.

    Returns of how many items nothing is asked any more; answers that came meanwhile stay. Raises Conflict where the
    guidelines were changed again since.
    """
    project = alone_with(session, project)
    workshop = queries.workshop_in(session, project.id, workshop_id)
    if workshop.undone_at is not None:
        return 0
    newest = guideline_of(session, project.id)
    if newest is None or newest.version != workshop.guideline_version:
        raise Conflict("The guidelines were changed again since; take the rule out of them there.")
    now = clock(session)
    if workshop.guideline_version > 1:
        restore_guideline(session, project.id, workshop.guideline_version - 1, by=by, now=now)
    else:
        add_guideline(session, project.id, "", examples=(), by=by, now=now)
    workshop.undone_at = now
    return take_back_request(session, project, workshop.batch)


def _known(session: Session, project_id: int, batch: str) -> Workshop | None:
    return session.scalar(select(Workshop).where(Workshop.project_id == project_id, Workshop.batch == batch))


def _in_order(classes: Classes, pair: tuple[str, str]) -> tuple[str, str]:
    one, two = sorted(pair, key=classes.codes.index)
    return one, two


def _write(session: Session, project: Project, classes: Classes, rule: PairRule, *, by: int, now: datetime) -> int:
    newest = guideline_of(session, project.id)
    text, examples, version = (newest.text, from_json(newest.examples), newest.version) if newest else ("", (), 0)
    if version != rule.based_on:
        raise Conflict("Somebody saved another version of the guidelines meanwhile. Look at it, then save again.")
    for item, code in rule.tricky:
        note = f"{classes.by_code[code]}: {rule.line.strip()}" if code in rule.pair else rule.line.strip()
        class_id = int(code) if code in rule.pair else None
        examples = with_example(examples, Example(item, TRICKY, class_id, note[:300]))
    names = [classes.by_code[code] for code in _in_order(classes, rule.pair)]
    new = with_rule(text, names[0], names[1], rule.text)
    return add_guideline(session, project.id, new, examples=examples, by=by, now=now)
