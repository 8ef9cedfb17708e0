"""Reads about people."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from labeler.accounts.credentials import normal_email, token_hash
from labeler.accounts.models import ApiToken, Link, Membership, SignIn, User
from labeler.accounts.permissions import Actor
from labeler.errors import NotFound


@dataclass(frozen=True)
class Member:
    """One person in one project."""

    user_id: int
    email: str
    name: str
    role: str
    active: bool


def anybody(session: Session) -> bool:
    """Whether any account exists yet."""
    return session.scalar(select(func.count()).select_from(User)) != 0


def user_by_email(session: Session, email: str) -> User:
    """Return the account of an address; raises NotFound."""
    user = session.scalar(select(User).where(User.email == normal_email(email)))
    if user is None:
        raise NotFound(
            "There is no account for {email}. Add it with: labeler user add {email} --role annotator", email=email
        )
    return user


def all_users(session: Session) -> Sequence[User]:
    """Return every account, in the order they were made."""
    return session.scalars(select(User).order_by(User.id)).all()


# The statements of every request, put together once: building them costs more than running them.
_BY_SIGN_IN = (
    select(User)
    .join(SignIn, SignIn.user_id == User.id)
    .where(SignIn.token_hash == bindparam("hash"), SignIn.expires_at > bindparam("now"), User.active)
)
_BY_TOKEN = (
    select(User, ApiToken)
    .join(ApiToken, ApiToken.user_id == User.id)
    .where(ApiToken.token_hash == bindparam("hash"), ApiToken.revoked_at.is_(None), User.active)
)


# What a link grants its maker must still be able to grant: an admin anything, a lead of a project a place in it. Links
# that nobody made come from the command line of this machine.
_MADE_BY_AN_ADMIN = exists().where(User.id == Link.created_by, User.active, User.role == "admin")
_MADE_BY_A_LEAD_THERE = exists().where(
    User.id == Link.created_by,
    User.active,
    Membership.user_id == User.id,
    Membership.project_id == Link.project_id,
    Membership.role == "lead",
)
_STILL_MEANT = or_(
    Link.created_by.is_(None),
    _MADE_BY_AN_ADMIN,
    and_(Link.purpose == "invite", Link.role == "annotator", _MADE_BY_A_LEAD_THERE),
)


def signed_in_actor(session: Session, token: str, now: datetime) -> Actor:
    """Return who a browser's sign-in token belongs to; nobody when it ended or the account is switched off."""
    return _actor(session.scalar(_BY_SIGN_IN, {"hash": token_hash(token), "now": now}))


def user_of_sign_in(session: Session, token: str) -> int | None:
    """Return whose sign-in a browser's token is, whether it ended or not; None when it is nobody's any more."""
    return session.scalar(select(SignIn.user_id).where(SignIn.token_hash == token_hash(token)))


def token_actor(session: Session, token: str) -> tuple[Actor, ApiToken | None]:
    """Return who a bearer token belongs to, and the token itself; nobody when it was revoked."""
    row = session.execute(_BY_TOKEN, {"hash": token_hash(token)}).one_or_none()
    return (Actor(), None) if row is None else (_actor(row[0]), row[1])


def can_work(project_id: Any, user_id: Any) -> ColumnElement[bool]:
    """Return the SQL of whether a person is in a project, switched on, and has a way in: a password or a token.

    project_id, user_id: numbers or columns.
    """
    token = exists().where(ApiToken.user_id == User.id, ApiToken.revoked_at.is_(None))
    return exists().where(
        Membership.project_id == project_id,
        Membership.user_id == user_id,
        User.id == Membership.user_id,
        User.active,
        or_(User.password_hash.is_not(None), token),
    )


def project_role(session: Session, user_id: int, project_id: int) -> str:
    """Return a person's role in a project: lead, annotator or ""."""
    query = select(Membership.role).where(Membership.project_id == project_id, Membership.user_id == user_id)
    return session.scalar(query) or ""


def members(session: Session, project_id: int) -> list[Member]:
    """Return the people of a project, leads first, then by name."""
    rows = session.execute(
        select(User.id, User.email, User.name, Membership.role, User.active)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.project_id == project_id)
        .order_by(Membership.role.desc(), User.name, User.email)
    )
    return [Member(*row) for row in rows]


def tokens_of(session: Session, user_id: int) -> Sequence[ApiToken]:
    """Return a person's live API tokens, newest first."""
    query = select(ApiToken).where(ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))
    return session.scalars(query.order_by(ApiToken.id.desc())).all()


def open_link(session: Session, token: str, now: datetime) -> Link:
    """Return an unused, unexpired one-use link; raises NotFound in the same words whatever is wrong with it.

    What whoever made it could not make any more is wrong with it too.
    """
    link = session.scalar(
        select(Link).where(
            Link.token_hash == token_hash(token), Link.used_at.is_(None), Link.expires_at > now, _STILL_MEANT
        )
    )
    if link is None:
        raise NotFound("This link was used before or has ended. Ask for a new one.")
    return link


def _actor(user: User | None) -> Actor:
    return Actor() if user is None else Actor(user.id, user.email, user.name or user.email, user.role)


def memberships(session: Session, user_id: int) -> dict[int, str]:
    """Return a person's roles by project id."""
    rows = session.execute(select(Membership.project_id, Membership.role).where(Membership.user_id == user_id))
    return {row[0]: row[1] for row in rows}


def newest_sign_ins(session: Session, now: datetime) -> dict[int, datetime]:
    """Return by user id when the newest sign-in that still lasts was made."""
    query = select(SignIn.user_id, func.max(SignIn.created_at)).where(SignIn.expires_at > now)
    return {row[0]: row[1] for row in session.execute(query.group_by(SignIn.user_id))}


def open_invites(session: Session, now: datetime, project_id: int | None = None) -> Sequence[Link]:
    """Return the invites that can still be used (into one project, or all), newest first."""
    query = select(Link).where(Link.purpose == "invite", Link.used_at.is_(None), Link.expires_at > now, _STILL_MEANT)
    if project_id is not None:
        query = query.where(Link.project_id == project_id)
    return session.scalars(query.order_by(Link.id.desc())).all()


def user_of(session: Session, user_id: int) -> User:
    """Return an account by its id; raises NotFound."""
    user = session.get(User, user_id)
    if user is None:
        raise NotFound("There is no such account.")
    return user


def preferences_of(session: Session, user_id: int) -> dict[str, Any]:
    """Return what a person chose for themselves (see `User.preferences`), {} for nothing or nobody."""
    return session.scalar(select(User.preferences).where(User.id == user_id)) or {}


def users_by_id(session: Session, user_ids: Iterable[int]) -> Sequence[User]:
    """Return these accounts, in the order they were made."""
    return session.scalars(select(User).where(User.id.in_(list(user_ids))).order_by(User.id)).all()


def name_of(session: Session, user_id: int | None) -> str:
    """Return the name other people see, the address of who gave none, "" for nobody."""
    user = session.get(User, user_id) if user_id is not None else None
    return (user.name or user.email) if user else ""
