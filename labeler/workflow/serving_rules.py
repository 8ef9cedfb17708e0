"""The rules of serving that a lead sets: each with what it may be, changed together or not at all.

Settings by name, as they are kept: order, order_column · votes, votes_cap, target_error, votes_share · test_share,
repeat_share, test_round, pass_mark, test_feedback · lease_minutes, work_until.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from labeler.adaptive_votes.rule import VoteRule
from labeler.assignment.hours import LONGEST
from labeler.assignment.policies import DEFAULT
from labeler.errors import Invalid
from labeler.projects.actions import alone_with, change_project
from labeler.projects.models import Project
from labeler.test_items.rules import MOST_SHARE, TestRules
from labeler.workflow.order import change_order
from labeler.workflow.votes_wanted import SETTINGS as OF_VOTES
from labeler.workflow.votes_wanted import change_vote_rule

MOST_TESTS = 200


_NUMBERS = {
    "test_share": (0, MOST_SHARE),
    "repeat_share": (0, MOST_SHARE),
    "test_round": (0, MOST_TESTS),
    "pass_mark": (0, 1),
    "lease_minutes": (0, LONGEST),
    "work_until": (0, 23),
}
"""What a number may be: from, to."""
_SWITCHES = ("test_feedback",)


def serving_of(project: Project) -> dict[str, Any]:
    """Return the rules of a project by name, with what holds where nothing was set."""
    kept = project.settings or {}
    votes, tests = VoteRule.of(project.votes, kept), TestRules.of(kept)
    return {
        "order": str(kept.get("order", DEFAULT)),
        "order_column": str(kept.get("order_column", "")),
        "votes": votes.minimum,
        "votes_cap": votes.cap,
        "target_error": votes.target,
        "votes_share": votes.share,
        "test_share": tests.share,
        "repeat_share": tests.repeats,
        "test_round": tests.first_round,
        "pass_mark": tests.pass_mark,
        "test_feedback": tests.feedback,
        "lease_minutes": kept.get("lease_minutes") or 0,
        "work_until": kept.get("work_until"),
    }


def change_serving(session: Session, project: Project, changes: Mapping[str, Any]) -> int:
    """Change rules by name; returns how many late answers count by that. Raises Invalid, naming what cannot be."""
    project = alone_with(session, project)
    now = serving_of(project)
    if unknown := sorted(changes.keys() - now.keys()):
        names = ", ".join(now)
        raise Invalid("There is no rule {name!r}; there is {names}.", field=unknown[0], name=unknown[0], names=names)
    new = {name: value for name, value in changes.items() if value != now[name]}
    plain = {name: _checked(name, value) for name, value in new.items() if name in _NUMBERS or name in _SWITCHES}
    if plain:
        change_project(session, project, {"settings": plain})
    if {"order", "order_column"} & new.keys():
        change_order(session, project, new.get("order", now["order"]), new.get("order_column", now["order_column"]))
    if {"votes", *OF_VOTES} & new.keys():
        of_votes = {name: new[name] for name in OF_VOTES if name in new}
        return change_vote_rule(session, project, new.get("votes", project.votes), of_votes)
    return 0


def _checked(name: str, value: Any) -> Any:
    if name in _SWITCHES:
        return bool(value)
    least, most = _NUMBERS[name]
    if value is None and name == "work_until":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise Invalid("{name} must be {least:g} to {most:g}.", field=name, name=name, least=least, most=most)
    return value
