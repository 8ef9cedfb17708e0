"""Leaving: whoever goes gives back what they hold, in the same transaction, so that others have it at once.

What they answered stays. An answer that is still on its way is kept as late, or counted where the slot is still there.
"""

from sqlalchemy.orm import Session

from labeler.accounts import actions as account_actions
from labeler.accounts import queries as account_queries
from labeler.assignment import claims
from labeler.storage.database import alone


def remove_member(session: Session, project_id: int, user_id: int) -> None:
    """Take a person out of a project; raises NotFound when they were not in it.

    Whoever may answer there without a membership (an admin) goes on holding what they hold.
    """
    alone(session, project_id)
    account_actions.remove_member(session, project_id, user_id)
    if account_queries.user_of(session, user_id).role == "admin":
        claims.give_to_all(session, user_id, project_id)
    else:
        claims.release_all(session, user_id, project_id)


def change_account(session: Session, user_id: int, *, role: str | None = None, active: bool | None = None) -> None:
    """Change role or state of an account as an admin.

    One that is switched off holds nothing any more, and one that is no admin any more nothing where it is no member.
    """
    own = account_queries.memberships(session, user_id)
    held = claims.projects_held(session, user_id)
    for project_id in sorted(
        {*own, *held}
    ):  # before the names, and in this order for everybody: nobody waits in a ring
        alone(session, project_id)
    account_actions.change_account(session, user_id, role=role, active=active)
    if active is False:
        claims.release_all(session, user_id)
    elif role not in {None, "admin"}:
        for project_id in sorted(held - own.keys()):
            claims.release_all(session, user_id, project_id)


def sign_out(session: Session, token: str) -> None:
    """End one sign-in. What workspaces of the person hold comes free; one that is open elsewhere takes it again."""
    user_id = account_queries.user_of_sign_in(session, token)
    account_actions.sign_out(session, token)
    if user_id is not None:
        claims.release_workspaces(session, user_id)
