"""Reads the answers that had a suggestion, each with what the item is by everybody else, for `quality.suggestions`.

Note: only first answers that stand, given one by one, are compared. An answer of a page of
look-alikes was led by the page, whatever the suggestion said. And a label whose parts are placed in the item is never
said to be wrong here: two people hardly draw the same box to the pixel.
"""

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from labeler.annotations.models import Annotation
from labeler.annotations.queries import COUNTED
from labeler.decisions.final import AMBIGUOUS
from labeler.decisions.models import CURRENT, Review
from labeler.projects.models import Project
from labeler.projects.queries import task_of
from labeler.quality.suggestions import Answer, truth_for

_SUGGESTED = (Annotation.status == COUNTED, Annotation.suggestion_shown.is_not(None), Annotation.mode == "single")


def suggested_answers(session: Session, project: Project) -> Iterator[Answer]:
    """Yield each first answer to an item that had a suggestion, shown or hidden."""
    here = (Annotation.project_id == project.id, Annotation.purpose == "label", *_SUGGESTED)
    judged = task_of(project).exact
    said = _said(session, project.id) if judged else {}
    decided = decisions(session, project.id) if judged else {}
    columns = (
        Annotation.item_id,
        Annotation.user_id,
        Annotation.suggestion_shown,
        Annotation.seconds,
        Annotation.code,
        Annotation.suggested_code,
    )
    for item, user, shown, seconds, code, suggested in session.execute(select(*columns).where(*here)):
        decision, by = decided.get(item, ("", None))
        truth = "" if decision is None else truth_for(user, said.get(item, {}), decision, by)
        yield Answer(user, bool(shown), seconds, code, suggested, truth)


def _said(session: Session, project_id: int) -> dict[int, dict[int, str]]:
    """Return the counted answers to the items in question: {item: {user: code}}."""
    items = select(Annotation.item_id).where(Annotation.project_id == project_id, *_SUGGESTED)
    query = select(Annotation.item_id, Annotation.user_id, Annotation.code).where(
        Annotation.project_id == project_id, Annotation.status == COUNTED, Annotation.item_id.in_(items)
    )
    found: dict[int, dict[int, str]] = defaultdict(dict)
    for item, user, code in session.execute(query):
        found[item][user] = code
    return found


def decisions(session: Session, project_id: int) -> dict[int, tuple[str | None, int | None]]:
    """Return what leads decided: {item: (code, who)}; "" where a decision says no label, None where nobody is judged.

    That is where an item was taken out, or is ambiguous.
    """
    query = select(Review.item_id, Review.code, Review.decision, Review.user_id).where(
        Review.project_id == project_id, Review.status == CURRENT
    )
    return {
        item: (None if decision in {"exclude", AMBIGUOUS} else code, by)
        for item, code, decision, by in session.execute(query)
    }
