"""What people are called in files that leave the house: annotator-1, annotator-2 …, by who answered first.

Answers are never deleted, so a person keeps their pseudonym in a project whoever comes or leaves; in another project
it is another one.
"""

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from labeler.accounts.models import User
from labeler.annotations.models import Annotation
from labeler.errors import Invalid
from labeler.exchange.export_choices import EMAILS

MOST_DIGITS = 10  # of an id; both databases keep shorter numbers


def names_of(session: Session, project_id: int, people: str) -> Mapping[int, str]:
    """Return what the people of a project go out as, by user id. people: a choice of an export."""
    return emails(session) if people == EMAILS else pseudonyms(session, project_id)


def emails(session: Session) -> dict[int, str]:
    """Return the e-mail address of everybody."""
    return {row[0]: row[1] for row in session.execute(select(User.id, User.email))}


def pseudonyms(session: Session, project_id: int) -> dict[int, str]:
    """Return the pseudonym of everybody who ever answered in a project, or skipped."""
    about = (Annotation.project_id == project_id, Annotation.user_id == User.id)
    first = select(func.min(Annotation.id)).where(*about).correlate(User).scalar_subquery()
    began = [(when, user) for user, when in session.execute(select(User.id, first)) if when is not None]
    return {user: f"annotator-{number}" for number, (_, user) in enumerate(sorted(began), 1)}


def who_answered(session: Session, project_id: int, people: str) -> tuple[str, ...]:
    """Return what everybody with a counted answer goes out as, in the order of their first answers."""
    counted = select(Annotation.user_id).where(Annotation.project_id == project_id, Annotation.status == "counted")
    found = set(session.scalars(counted.distinct()))
    names = names_of(session, project_id, people)
    return tuple(names[user] for user in pseudonyms(session, project_id) if user in found)


def person_called(session: Session, project_id: int, said: str) -> int:
    """Return the id of a person of a project. said: e-mail address, pseudonym or id; raises Invalid for nobody."""
    if said.isascii() and said.isdigit() and len(said) < MOST_DIGITS:
        return int(said)
    told = said.strip().casefold()
    for known in (pseudonyms(session, project_id), emails(session)):
        for user, name in known.items():
            if name.casefold() == told:
                return user
    raise Invalid("Nobody here is called {name!r}; give an e-mail address.", field="annotator", name=said)
