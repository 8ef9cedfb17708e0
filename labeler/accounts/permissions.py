"""Who may do what: one table, default deny.

A route names one action; a person may do it when one of the roles they have *there* is in the table. There are three
places a role comes from: nobody signed in (`anyone`), the site (`admin`, `lead`, `annotator`: the role of the account)
and the project (`project lead`, `project annotator`: the membership). An admin is a lead of every project.
"""

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """Everything a route can ask permission for."""

    OPEN = "open to everybody"
    USE = "use one's own account"
    CREATE_PROJECT = "create projects"
    MANAGE_PEOPLE = "manage accounts of this installation"
    SEE_PROJECT = "see that a project exists and its guidelines"
    ANNOTATE = "hold items and answer them"
    LEAD = "see answers, agreement and flags, decide, import, export, change the project"


ANYONE, ADMIN, LEAD, ANNOTATOR = "anyone", "admin", "lead", "annotator"
PROJECT_LEAD, PROJECT_ANNOTATOR = "project lead", "project annotator"

RULES: dict[Action, frozenset[str]] = {
    Action.OPEN: frozenset({ANYONE, ADMIN, LEAD, ANNOTATOR}),
    Action.USE: frozenset({ADMIN, LEAD, ANNOTATOR}),
    Action.CREATE_PROJECT: frozenset({ADMIN, LEAD}),
    Action.MANAGE_PEOPLE: frozenset({ADMIN}),
    Action.SEE_PROJECT: frozenset({ADMIN, PROJECT_LEAD, PROJECT_ANNOTATOR}),
    Action.ANNOTATE: frozenset({ADMIN, PROJECT_LEAD, PROJECT_ANNOTATOR}),
    Action.LEAD: frozenset({ADMIN, PROJECT_LEAD}),
}


@dataclass(frozen=True)
class Actor:
    """Who asks. user_id None: nobody is signed in; project_role: their membership in the project asked about, or ""."""

    user_id: int | None = None
    email: str = ""
    name: str = ""
    role: str = ""
    project_role: str = ""

    @property
    def roles(self) -> frozenset[str]:
        """Every role the actor has here."""
        if self.user_id is None:
            return frozenset({ANYONE})
        roles = {self.role}
        if self.project_role:
            roles.add(f"project {self.project_role}")
        return frozenset(roles)

    def may(self, action: Action) -> bool:
        """Whether the table lets this actor do `action`."""
        return bool(self.roles & RULES[action])
