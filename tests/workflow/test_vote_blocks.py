"""Answers of a file that are stored in blocks come to what they come to one by one, whatever was there before."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from labeler import workflow
from labeler.agreement.models import PatternCount
from labeler.agreement.queries import recount as recount_patterns
from labeler.annotations.actions import Answer
from labeler.annotations.models import Annotation
from labeler.assignment.models import Assignment
from labeler.assignment.queries import recount as recount_slots
from labeler.config import Settings
from labeler.consensus.models import ItemConsensus
from labeler.decisions import final
from labeler.decisions.actions import Decision
from labeler.exchange.rows import RejectedRow, VoteRow
from labeler.projects.models import Item, Project
from labeler.projects.queries import Question
from labeler.storage.database import Database
from labeler.workflow import vote_blocks
from tests.conftest import LEASE, NOW, Made

Make = Callable[..., Made]
PEOPLE = ("ann@example.org", "bob@example.org", "w1", "w2", "w3")
LABELS = ("cat", "dog", "neither", "lion")


@pytest.fixture
def settings(any_settings: Settings) -> Settings:
    return any_settings


def rows_of(seed: int, items: int) -> list[VoteRow | RejectedRow]:
    """Return rows as files have them: mostly each person once an item, some twice, some that are no answers."""
    rng = random.Random(seed)
    found: list[VoteRow | RejectedRow] = []
    for number in range(1, 90):
        item = rng.randrange(items + 1)  # the last is not there
        named = rng.random() < 0.8
        text = f"Text number {item} about {'cats' if item % 2 else 'dogs'}."
        found.append(
            VoteRow(
                number,
                f"e{item}" if named else None,
                None if named else text,
                rng.choice(PEOPLE),
                rng.choices(LABELS, (6, 3, 1, 0.3))[0],
                rng.choice((None, 2.5)),
                rng.choice((None, "well")),
                rng.choice((None, "2026-01-05T10:00:00Z")),
                unsure=rng.random() < 0.1,
            )
        )
    return found


def before(database: Database, made: Made, cast: dict[str, int], seed: int) -> None:
    """Let people answer, skip and hold items, and a lead decide; the same for the same seed."""
    rng, here = random.Random(seed), made.id
    for who in ("ann", "bob"):
        with database.write() as session:
            question = Question.of(session, session.get_one(Project, here))
            held = workflow.serve(session, here, cast[who], count=6, lease=LEASE, now=NOW)
            for one in held[: rng.randrange(6)]:
                skip = "unclear" if rng.random() < 0.3 else None
                value = None if skip else {"label": rng.choice(LABELS[:3])}
                key = f"{made.slug}-{who}-{one.item.external_id}"
                answer = Answer(key, one.assignment.id, value, skip=skip, seconds=1.0)
                workflow.submit(session, question, cast[who], [answer], now=NOW)
    for item in rng.sample(made.items, 4):
        kind = rng.choice(("exclude", "send_back", "keep"))
        with database.write() as session:
            if kind != "keep" or final.standing_of(session, here, item).final:
                decision = Decision(f"decision-{made.slug}-{item}", item, kind)
                workflow.resolve(session, session.get_one(Project, here), decision, by=cast["olga"])
    with database.write() as session:
        for last in session.scalars(select(Item).where(Item.id.in_(made.items[-2:]), Item.round == 0)):
            if not rng.randrange(2):
                last.automatic_code, last.open_slots = str(question.classes.rows[0].id), 0


def told(session: Session, made: Made) -> dict[str, Any]:
    """Return all that the answers of a project came to, without the ids that differ from project to project."""
    names = {item.id: item.external_id for item in session.scalars(select(Item).where(Item.project_id == made.id))}
    classes = {str(row.id): row.name for row in Question.of(session, session.get_one(Project, made.id)).classes.rows}

    def of(code: str) -> str:
        return classes.get(code, code)

    answers = session.scalars(select(Annotation).where(Annotation.project_id == made.id))
    leases = session.scalars(select(Assignment).where(Assignment.project_id == made.id))
    settled = session.scalars(select(ItemConsensus).where(ItemConsensus.project_id == made.id))
    patterns = session.scalars(select(PatternCount).where(PatternCount.project_id == made.id, PatternCount.items != 0))
    items = session.scalars(select(Item).where(Item.project_id == made.id))
    return {
        "answers": sorted(
            (
                names[a.item_id],
                a.user_id,
                of(a.code),
                a.status,
                a.round,
                a.purpose,
                a.mode,
                a.seconds,
                a.comment,
                a.unsure,
            )
            for a in answers
        ),
        "leases": sorted((names[a.item_id], a.user_id, a.round, a.state, a.purpose) for a in leases),
        "settled": sorted((names[c.item_id], of(c.code), c.votes, c.differ, round(c.confidence, 6)) for c in settled),
        "patterns": sorted((",".join(sorted(map(of, p.pattern.split(",")))), p.items) for p in patterns),
        "items": sorted((i.external_id, i.open_slots, i.round, i.automatic_code != "") for i in items),
    }


@pytest.mark.parametrize("seed", range(8))
def test_a_block_comes_to_what_its_rows_come_to_one_by_one(
    database: Database, make_project: Make, cast: dict[str, int], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    votes = 1 + seed % 3
    ends, results = [], []
    for slug in ("together", "alone"):
        made = make_project(slug, items=14, votes=votes)
        before(database, made, cast, seed)
        with database.read() as session:
            project = session.get_one(Project, made.id)
            assert recount_slots(session, project, sorted(final.excluded_items(session, project.id))) == {}
        if slug == "alone":
            monkeypatch.setattr(vote_blocks, "_apart", lambda given, _known, _counts: ([], given))
        rows = rows_of(seed, 14)
        plan = workflow.ImportPlan("votes.csv", "csv")
        told_first = workflow.import_votes(database, made.id, rows, plan)
        again = workflow.import_votes(database, made.id, rows, plan)
        results.append([{**one.as_json(), "import": 0} for one in (told_first, again)])
        with database.read() as session:
            ends.append(told(session, made))
            project = session.get_one(Project, made.id)
            assert recount_slots(session, project, sorted(final.excluded_items(session, project.id))) == {}
            assert recount_patterns(session, project.id) == {}
    assert ends[0] == ends[1]
    assert results[0] == results[1]


def test_first_words_go_together_and_each_keeps_its_key_and_time(
    database: Database, make_project: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_project(items=5, votes=2)
    monkeypatch.setattr(vote_blocks, "store_answer", None)  # nothing of this goes one by one
    rows: list[VoteRow | RejectedRow] = [
        VoteRow(3 * n + k + 1, f"e{n}", None, f"w{k}", "cat", 1.5, None, "2026-01-05T10:00:00Z")
        for n in range(5)
        for k in range(3)
    ]
    plan = workflow.ImportPlan("votes.csv", "csv")
    result = workflow.import_votes(database, made.id, rows, plan)
    assert (result.added, result.not_counted) == (15, 5)
    with database.read() as session:
        found = session.scalars(select(Annotation).order_by(Annotation.id)).all()
        assert [one.status for one in found] == ["counted", "counted", "late"] * 5
        assert {one.created_at.year for one in found} == {2026}
        assert len({one.key for one in found}) == 15
        by_id = {one.id: one for one in session.scalars(select(Assignment))}
        assert all(by_id[one.assignment_id or 0].item_id == one.item_id for one in found)
        assert all(by_id[one.assignment_id or 0].user_id == one.user_id for one in found)
    again = workflow.import_votes(database, made.id, rows, plan)
    assert (again.added, again.unchanged, again.not_counted) == (0, 15, 5)
