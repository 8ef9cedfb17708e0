"""The people of a project and how they work."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import Session

from labeler.accounts.permissions import Action
from labeler.accounts.queries import Member, members, users_by_id
from labeler.annotations.queries import Work, work_of_all
from labeler.api.blueprint import blueprint
from labeler.api.paging import Listed, Page, cut, next_path
from labeler.api.shapes import Shape
from labeler.extensions import database
from labeler.extensions.access import needs, project
from labeler.extensions.project_counts import project_counts
from labeler.measures.accuracy import Accuracy
from labeler.projects.queries import classes_of
from labeler.statistics.checked_answers import accuracy_of


class AnnotatorOut(Shape):
    """One person. role: null for somebody who left; median_seconds: per counted answer that was timed, breaks left out.

    agreement: with the consensus of the others, the same number as on the page of annotators. It is the share of the
    `compared` answers that are what most of the *others* said of the same item; where an answer is no single class, of
    the things that anybody marked. Left out are items nobody else answered, on which the others tie, or that a lead
    excluded or called ambiguous. null when nothing was compared.

    accuracy: on checked items (test items and random audits, never decisions about flags), the mean of
    Beta(4 + right, 1 + wrong), with its 95 % range accuracy_low to accuracy_high; null below ten checked answers.
    """

    email: str
    name: str
    role: str | None
    active: bool
    votes: int
    skips: int
    late: int
    median_seconds: float | None
    agreement: float | None
    compared: int
    accuracy: float | None
    accuracy_low: float | None
    accuracy_high: float | None
    checked: int
    checked_right: int


class AnnotatorList(Listed):
    """Members of a project, and everybody who ever answered in it."""

    data: list[AnnotatorOut]


@blueprint.get("/projects/<slug>/annotators")
@needs(Action.LEAD)
@blueprint.input(Page, location="query", arg_name="page")
@blueprint.output(AnnotatorList)
def list_annotators(slug: str, page: Page) -> dict[str, Any]:
    """List members with how much, how fast and how much like the others they answer."""
    del slug
    project_id = project().id
    with database().read() as session:
        work = work_of_all(session, project_id)
        classes = classes_of(session, project_id)
        tally, _ = project_counts(session, project(), classes)
        agreed = {one.user: (one.agreed, one.compared) for one in tally.people}
        people = _people(session, project_id, work)
        rows, more = cut(page, [one for one in people if one.user_id > page.after][: page.one_more])
        known = accuracy_of(session, classes, project_id, [member.user_id for member in rows])
        data = []
        for member in rows:
            done = work.get(member.user_id, Work())
            same, compared = agreed.get(member.user_id, (0, 0))
            accuracy = known.get(member.user_id, Accuracy(0, 0))
            data.append(
                {
                    "email": member.email,
                    "name": member.name,
                    "role": member.role or None,
                    "active": member.active,
                    "votes": done.votes,
                    "skips": done.skips,
                    "late": done.late,
                    "median_seconds": done.median_seconds,
                    "agreement": same / compared if compared else None,
                    "compared": compared,
                    "accuracy": accuracy.mean if accuracy.enough else None,
                    "accuracy_low": accuracy.interval.low if accuracy.enough else None,
                    "accuracy_high": accuracy.interval.high if accuracy.enough else None,
                    "checked": accuracy.of,
                    "checked_right": accuracy.right,
                }
            )
    return {"data": data, "next": next_path(page, rows[-1].user_id if rows else 0, more=more)}


def _people(session: Session, project_id: int, worked: Iterable[int]) -> list[Member]:
    """Return the members and those who answered and left, by id."""
    now = {member.user_id: member for member in members(session, project_id)}
    gone = users_by_id(session, set(worked) - now.keys())
    left = [Member(user.id, user.email, user.name, "", user.active) for user in gone]
    return sorted([*now.values(), *left], key=lambda member: member.user_id)
