"""Changes to people, memberships, sign-ins, tokens and one-use links."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from labeler.accounts import queries
from labeler.accounts.credentials import hash_password, new_token, normal_email, password_fits, token_hash
from labeler.accounts.models import ApiToken, Link, Membership, SignIn, User
from labeler.errors import Conflict, Invalid, NotFound, Unauthorised
from labeler.storage.database import alone_with_names, clock

SIGN_IN_LASTS = timedelta(days=14)
LINK_LASTS = timedelta(days=7)
ROLES = ("admin", "lead", "annotator")
PROJECT_ROLES = ("lead", "annotator")
LONGEST_NAME = 120


@dataclass(frozen=True)
class Invitation:
    """What an invite grants: the account's role, and a place in a project if one is named."""

    email: str
    role: str = "annotator"
    project_id: int | None = None
    project_role: str | None = None


def add_user(
    session: Session, email: str, *, role: str, password: str | None = None, name: str = "", now: datetime
) -> User:
    """Make an account; without a password it can only be entered by a link. Raises Conflict when it exists."""
    email = normal_email(email)
    if role not in ROLES:
        raise Invalid("The role must be one of {roles}.", field="role", roles=", ".join(ROLES))
    alone_with_names(session)
    if session.scalar(select(User.id).where(User.email == email)) is not None:
        raise Conflict("There is an account for {email} already.", field="email", email=email)
    hashed = hash_password(password) if password is not None else None
    user = User(
        email=email, name=name.strip()[:LONGEST_NAME], role=role, password_hash=hashed, active=True, created_at=now
    )
    session.add(user)
    session.flush()
    return user


def set_member(session: Session, project_id: int, user_id: int, *, role: str, now: datetime) -> None:
    """Give a person a role in a project, or change it."""
    if role not in PROJECT_ROLES:
        raise Invalid("The role in a project must be one of {roles}.", field="role", roles=", ".join(PROJECT_ROLES))
    membership = session.get(Membership, (project_id, user_id))
    if membership is None:
        session.add(Membership(project_id=project_id, user_id=user_id, role=role, created_at=now))
    else:
        membership.role = role
    session.flush()


def member_named(session: Session, project_id: int, name: str, *, now: datetime) -> int:
    """Return the id of the annotator a file names, an address or any other name, made a member if need be."""
    email = _address(name)
    user_id = session.scalar(select(User.id).where(User.email == email))
    if user_id is None:
        user_id = add_user(session, email, role="annotator", name=name, now=now).id
    if session.get(Membership, (project_id, user_id)) is None:
        set_member(session, project_id, user_id, role="annotator", now=now)
    return user_id


def members_named(session: Session, project_id: int, names: Iterable[str], *, now: datetime) -> dict[str, int]:
    """Do the same for many names, in their order; returns {name: id}."""
    emails = {name: _address(name) for name in dict.fromkeys(names)}
    there = select(User.email, User.id).join(Membership, Membership.user_id == User.id)
    found = session.execute(there.where(Membership.project_id == project_id, User.email.in_(set(emails.values()))))
    ids = {row.email: row.id for row in found}
    return {name: ids.get(email) or member_named(session, project_id, name, now=now) for name, email in emails.items()}


def _address(name: str) -> str:
    try:
        return normal_email(name)
    except Invalid:
        return normal_email(f"{token_hash(name)[:12]}@imported.invalid")  # .invalid: no mail can ever reach it


def remove_member(session: Session, project_id: int, user_id: int) -> None:
    """Take a person out of a project; what they answered stays. Raises NotFound when they were not in it."""
    membership = session.get(Membership, (project_id, user_id))
    if membership is None:
        raise NotFound("This person is not a member of the project.")
    session.delete(membership)


def prove(session: Session, email: str, password: str) -> User:
    """Return the account that e-mail and password belong to. Raises Unauthorised, in one wording whatever is wrong.

    Takes about 50 ms on purpose; call it in a reading transaction, so that nobody who saves has to wait.
    """
    user = session.scalar(select(User).where(User.email == _lenient(email)))
    fits = password_fits(user.password_hash if user else None, password)
    if user is None or not fits or not user.active:
        raise Unauthorised("E-mail and password do not match an account. Check both, or ask a lead for a new link.")
    return user


def sign_in(session: Session, email: str, password: str, now: datetime) -> str:
    """Check the password and start a sign-in; returns its secret token. Raises Unauthorised."""
    return start_sign_in(session, prove(session, email, password), now)


def start_sign_in(session: Session, user: User, now: datetime) -> str:
    """Start a sign-in for someone who has proved who they are; returns its secret token."""
    token = new_token()
    session.execute(delete(SignIn).where(SignIn.user_id == user.id, SignIn.expires_at <= now))
    session.add(SignIn(user_id=user.id, token_hash=token_hash(token), created_at=now, expires_at=now + SIGN_IN_LASTS))
    return token


def sign_out(session: Session, token: str) -> None:
    """End one sign-in; a copy of its cookie is worthless from now on."""
    session.execute(delete(SignIn).where(SignIn.token_hash == token_hash(token)))


def sign_out_everywhere(session: Session, user_id: int) -> None:
    """End all sign-ins of a person: after a new password, another role or a switched-off account."""
    session.execute(delete(SignIn).where(SignIn.user_id == user_id))


def set_password(session: Session, user_id: int, password: str) -> None:
    """Replace the password and make everything worthless that opened the account before: sign-ins, links, tokens."""
    session.execute(update(User).where(User.id == user_id).values(password_hash=hash_password(password)))
    sign_out_everywhere(session, user_id)
    _drop_sign_in_links(session, user_id)
    _revoke_tokens(session, user_id)


def rename_user(session: Session, user_id: int, name: str) -> None:
    """Change the name other people see. Raises Invalid when nothing is left of it."""
    if not name.strip():
        raise Invalid("Write the name other people should see.", field="name")
    session.execute(update(User).where(User.id == user_id).values(name=name.strip()[:LONGEST_NAME]))


def prefer(session: Session, user_id: int, chosen: dict[str, Any]) -> None:
    """Keep what a person chose for themselves, beside what they chose before. chosen: parts of `User.preferences`."""
    user = session.get_one(User, user_id)
    user.preferences = {**(user.preferences or {}), **chosen}


def change_password(session: Session, user_id: int, old: str, new: str, *, now: datetime) -> str:
    """Replace one's own password: every sign-in ends, and the token of a new one is returned.

    Raises Invalid (field current) when `old` is wrong; an account that was entered by a link has none to check.
    """
    user = session.get_one(User, user_id)
    if user.password_hash is not None and not password_fits(user.password_hash, old):
        raise Invalid("This is not your password now.", field="current")
    set_password(session, user_id, new)
    return start_sign_in(session, user, now)


def change_account(session: Session, user_id: int, *, role: str | None = None, active: bool | None = None) -> None:
    """Change role or state of an account as an admin; raises NotFound, or Conflict when no admin would be left."""
    alone_with_names(session)
    if session.get(User, user_id) is None:
        raise NotFound("There is no such account.")
    if role is not None:
        set_role(session, user_id, role)
    if active is not None:
        set_active(session, user_id, active=active)
    if session.scalar(select(User.id).where(User.role == "admin", User.active).limit(1)) is None:
        raise Conflict("This is the last account that can manage people; make another one an admin first.")


def withdraw_invite(session: Session, link_id: int, *, project_id: int | None = None) -> None:
    """Make an invite worthless. Raises NotFound for one that was used, and for one of another project."""
    wanted = [Link.id == link_id, Link.purpose == "invite", Link.used_at.is_(None)]
    if project_id is not None:
        wanted.append(Link.project_id == project_id)
    if session.scalar(delete(Link).where(*wanted).returning(Link.id)) is None:
        raise NotFound("There is no such open invite.")


def set_active(session: Session, user_id: int, *, active: bool) -> None:
    """Switch an account on or off; off ends its sign-ins at once, and its tokens for good."""
    session.execute(update(User).where(User.id == user_id).values(active=active))
    if not active:
        sign_out_everywhere(session, user_id)
        _drop_sign_in_links(session, user_id)
        _revoke_tokens(session, user_id)


def set_role(session: Session, user_id: int, role: str) -> None:
    """Change the role of an account and end its sign-ins. Raises Invalid for an unknown role."""
    if role not in ROLES:
        raise Invalid("The role must be one of {roles}.", field="role", roles=", ".join(ROLES))
    session.execute(update(User).where(User.id == user_id).values(role=role))
    sign_out_everywhere(session, user_id)


def add_token(session: Session, user_id: int, *, name: str, now: datetime) -> str:
    """Make an API token; returns it, the only time it can be seen."""
    token = new_token()
    session.add(
        ApiToken(user_id=user_id, name=name.strip()[:120] or "API", token_hash=token_hash(token), created_at=now)
    )
    return token


def revoke_token(session: Session, user_id: int, token_id: int, now: datetime) -> None:
    """Make one of one's own tokens worthless. Raises NotFound for anybody else's."""
    token = session.get(ApiToken, token_id)
    if token is None or token.user_id != user_id:
        raise NotFound("There is no such token.")
    token.revoked_at = now


def add_setup_link(session: Session, now: datetime) -> str:
    """Make the link that asks for the first lead; returns its token. Earlier ones stop working."""
    session.execute(delete(Link).where(Link.purpose == "setup"))
    return _add_link(session, Link(purpose="setup", created_at=now, expires_at=now + LINK_LASTS))


def add_invite(session: Session, invitation: Invitation, *, by: int | None, now: datetime) -> str:
    """Make a one-use invite; returns its token. Raises Conflict when the address has an account already."""
    email = normal_email(invitation.email)
    if session.scalar(select(User.id).where(User.email == email)) is not None:
        raise Conflict(
            "There is an account for {email} already; add it to the project instead.", field="email", email=email
        )
    link = Link(
        purpose="invite",
        email=email,
        role=invitation.role,
        project_id=invitation.project_id,
        project_role=invitation.project_role,
        created_by=by,
        created_at=now,
        expires_at=now + LINK_LASTS,
    )
    return _add_link(session, link)


def add_sign_in_link(session: Session, user_id: int, now: datetime, *, by: int | None = None) -> str:
    """Make a one-use link that signs one person in; returns its token. by: the admin who made it, None: the command."""
    link = Link(purpose="sign_in", user_id=user_id, created_by=by, created_at=now, expires_at=now + LINK_LASTS)
    return _add_link(session, link)


def set_up(session: Session, token: str, *, email: str, name: str, password: str, now: datetime) -> User:
    """Use the set-up link: make the first account. Raises Conflict when somebody was faster."""
    alone_with_names(session)
    link = _use(session, token, "setup", now)
    if queries.anybody(session):
        raise Conflict("This Labeler was set up already. Sign in instead.")
    del link
    return add_user(session, email, role="admin", password=password, name=name, now=now)


def accept_invite(session: Session, token: str, *, name: str, password: str, now: datetime) -> User:
    """Use an invite: make the account it names and put it into its project."""
    link = _use(session, token, "invite", now)
    user = add_user(session, link.email or "", role=link.role or "annotator", password=password, name=name, now=now)
    if link.project_id is not None:
        set_member(session, link.project_id, user.id, role=link.project_role or "annotator", now=now)
    return user


def use_sign_in_link(session: Session, token: str, now: datetime) -> str:
    """Use a sign-in link; returns the secret token of a new sign-in."""
    link = _use(session, token, "sign_in", now)
    user = session.get(User, link.user_id)
    if user is None or not user.active:
        raise NotFound("This link was used before or has ended. Ask for a new one.")
    return start_sign_in(session, user, now)


def _add_link(session: Session, link: Link) -> str:
    token = new_token()
    link.token_hash = token_hash(token)
    session.add(link)
    return token


def _use(session: Session, token: str, purpose: str, now: datetime) -> Link:
    link = queries.open_link(session, token, now)
    # the condition on used_at makes two uses at the same moment end as one
    used = session.scalar(
        update(Link)
        .where(Link.id == link.id, Link.used_at.is_(None), Link.purpose == purpose)
        .values(used_at=now)
        .returning(Link.id)
    )
    if used is None:
        raise NotFound("This link was used before or has ended. Ask for a new one.")
    return link


def _drop_sign_in_links(session: Session, user_id: int) -> None:
    session.execute(delete(Link).where(Link.user_id == user_id, Link.purpose == "sign_in", Link.used_at.is_(None)))


def _revoke_tokens(session: Session, user_id: int) -> None:
    live = (ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))
    session.execute(update(ApiToken).where(*live).values(revoked_at=clock(session)))


def _lenient(email: str) -> str:
    try:
        return normal_email(email)
    except Invalid:
        return ""
