"""Whether a person is handed anything now: not while paused, past their limit, or before they passed the test round."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from labeler.annotations.models import Annotation
from labeler.annotations.queries import ANSWERED
from labeler.assignment.actions import remember_passed
from labeler.assignment.queries import rule_of
from labeler.projects.models import Project
from labeler.test_items import queries as tests
from labeler.test_items.rules import FirstRound, TestRules, first_round

PAUSED, ENOUGH, FAILED = "paused", "enough", "failed"


@dataclass(frozen=True)
class Turn:
    """What a person may be handed. why: "" or why it is nothing; most: further items, None for no limit.

    tests: so many test items come before anything else; passed: they have just passed that round.
    """

    rules: TestRules
    why: str = ""
    most: int | None = None
    tests: int = 0
    passed: bool = False

    def of(self, count: int) -> int:
        """Return how many of so many items they may be handed."""
        if self.why:
            return 0
        return count if self.most is None else min(count, self.most)


def turn_of(session: Session, project_id: int, user_id: int) -> Turn:
    """Return what a person may be handed in a project."""
    rules = TestRules.of(session.get_one(Project, project_id).settings)
    rule = rule_of(session, project_id, user_id)
    if rule is not None and rule.paused_at is not None:
        return Turn(rules, PAUSED)
    most = None
    if rule is not None and rule.most is not None:
        most = max(0, rule.most - _answered(session, project_id, user_id, rule.most))
        if not most:
            return Turn(rules, ENOUGH)
    found = first_round_of(session, project_id, user_id, rules)
    if found.state == "failed":
        return Turn(rules, FAILED)
    tests_left = found.size - found.answered if found.state == "open" else 0
    return Turn(rules, most=most, tests=tests_left, passed=found.state == "passed")


def take_turn(session: Session, project_id: int, user_id: int) -> Turn:
    """Return the same, and remember who passed the test round: it is not counted again at every claim."""
    turn = turn_of(session, project_id, user_id)
    if turn.passed:
        remember_passed(session, project_id, user_id)
    return turn


def first_round_of(session: Session, project_id: int, user_id: int, rules: TestRules) -> FirstRound:
    """Return how far a person is in the test round before their first item."""
    rule = rule_of(session, project_id, user_id)
    tries, let_in = (rule.tries, rule.let_in) if rule is not None else (1, False)
    if not rules.first_round or let_in:
        return FirstRound("none")
    answers = tests.first_answers(session, project_id, user_id, rules.first_round * tries)
    held = tests.held_count(session, project_id, user_id)
    available = held + len(tests.open_to(session, project_id, user_id))
    return first_round(rules, answers, tries=tries, let_in=let_in, available=available)


def _answered(session: Session, project_id: int, user_id: int, most: int) -> int:
    """Return how many answers of a person stand, counted up to `most`."""
    standing = select(Annotation.id).where(
        Annotation.project_id == project_id, Annotation.user_id == user_id, Annotation.status.in_(ANSWERED)
    )
    return session.scalar(select(func.count()).select_from(standing.limit(most).subquery())) or 0
