"""What leaves with the labels: skips, "not sure", when an answer was given, and how far the answers agree."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from labeler import workflow
from labeler.accounts import actions as accounts
from labeler.annotations.actions import Answer
from labeler.config import Settings
from labeler.exchange.formats.registry import WRITERS, writers_for
from labeler.exchange.formats.skips_and_doubts import REASONS, SKIPS, UNSURE
from labeler.exchange.parsing.annotations import given_at
from labeler.exchange.queries import context_of, rows
from labeler.exchange.rows import ExportRow, Row, VoteRow
from labeler.exchange.writing.report import Report
from labeler.projects.actions import NewProject, create_project
from labeler.projects.models import Project
from labeler.projects.queries import Question
from labeler.storage.database import Database, clock
from labeler.storage.files import FileStore
from labeler.storage.migrations import upgrade
from labeler.task_types.base import Content, TaskConfig
from labeler.task_types.registry import TASK_TYPES
from tests.test_workflow import LEASE, T0


class Team:
    """One project, and short words for what is done in it."""

    def __init__(self, database: Database, files: FileStore, task: str, classes: tuple[str, ...]) -> None:
        self.database = database
        with database.write() as session:
            self.people = [
                accounts.add_user(session, f"p{n}@example.org", role="annotator", now=T0).id for n in range(3)
            ]
            new = NewProject("p", "text", task, [(name, "") for name in classes], votes=3)
            self.project_id = create_project(session, new, by=self.people[0], now=T0).id
        items = [Row(n + 1, f"i{n}", f"Ada met Bob, {n}", None, None, {}) for n in range(2)]
        workflow.import_items(database, files, self.project_id, items, workflow.ImportPlan("a.csv", "csv"))

    def answers(self, *values: dict[str, Any]) -> None:
        votes = [VoteRow(n, "i0", None, f"w{n}@x.org", "", value=value) for n, value in enumerate(values, 1)]
        plan = workflow.ImportPlan("v.csv", "csv")
        assert workflow.import_votes(self.database, self.project_id, votes, plan).added == len(values)

    def submit(self, who: int, **said: Any) -> None:
        with self.database.write() as session:
            held = workflow.serve(session, self.project_id, self.people[who], count=1, lease=LEASE)[0]
            question = Question.of(session, session.get_one(Project, self.project_id))
            answer = Answer(f"key-{who}-{held.item.id:08d}", held.assignment.id, **said)
            assert workflow.submit(session, question, self.people[who], [answer])[0].status == "created"

    def out(self) -> list[ExportRow]:
        with self.database.read() as session:
            return list(rows(session, session.get_one(Project, self.project_id), labeled_only=False))

    def written(self, name: str) -> tuple[str, Report]:
        with self.database.read() as session:
            project = session.get_one(Project, self.project_id)
            context = context_of(session, project, clock(session))
            data = b"".join(WRITERS[name].write(rows(session, project, labeled_only=False), context))
            return data.decode(errors="replace"), context.report


@pytest.fixture
def make(any_settings: Settings) -> Iterator[Any]:
    database = Database(any_settings)
    upgrade(database)
    yield lambda task, *classes: Team(database, FileStore(any_settings.files), task, classes)
    database.close()


def test_a_skip_and_a_doubt_leave_in_json_lines_and_are_counted_elsewhere(make: Any) -> None:
    team = make("classification", "a", "b")
    team.submit(1, skip="broken", comment="cannot read")
    team.submit(2, value={"label": "b"}, unsure=True)
    text, report = team.written("jsonl")
    first = json.loads(text.splitlines()[0])
    (skip,) = first["skips"]
    assert {key: skip[key] for key in ("annotator", "reason", "comment")} == {
        "annotator": "p1@example.org",
        "reason": "broken",
        "comment": "cannot read",
    }
    assert [vote["unsure"] for vote in first["votes"]] == [True]
    assert report.losses == {}
    tasks, report = team.written("label_studio")
    assert [one["was_cancelled"] for one in json.loads(tasks)[0]["annotations"]] == [False, True]
    assert {sentence: loss.count for sentence, loss in report.losses.items()} == {REASONS: 1, UNSURE: 1}
    table, report = team.written("csv")
    assert "broken" not in table
    assert len(list(csv.DictReader(io.StringIO(table)))) == 2
    for name in writers_for("classification", "text"):
        if name not in {"jsonl", "parquet", "label_studio"}:
            losses = team.written(name)[1].losses
            assert (losses[SKIPS].count, losses[UNSURE].count) == (1, 1), name


SPAN = {"label": "PER", "start": 0, "end": 3}
OTHER = {"label": "PER", "start": 8, "end": 11}


@pytest.mark.parametrize(
    ("given", "agreement"),
    [
        (([SPAN], [SPAN]), 1.0),
        (([SPAN], [OTHER]), 0.5),
        (([SPAN], [{**SPAN, "label": "ORG"}]), 0.5),
        (([SPAN, OTHER], [SPAN]), 0.75),
        (([], []), 1.0),
        (([SPAN], []), 0.5),
        (([SPAN], [SPAN], [OTHER]), 0.6667),
    ],
)
def test_agreement_of_spans_is_a_share_of_what_was_said_of_each(make: Any, given: Any, agreement: float) -> None:
    team = make("spans", "PER", "ORG")
    team.answers(*({"spans": spans} for spans in given))
    first, second = team.out()
    assert (first.agreement, second.agreement) == (agreement, None)


@pytest.mark.parametrize(
    ("task", "given", "agreement"),
    [
        ("classification", ("a", "b", "b"), 0.6667),
        ("rating", ("a", "a"), 1.0),
        ("multilabel", (["a"], ["a", "b"]), 0.5),
        ("multilabel", (["a", "b"], ["b", "a"]), 1.0),
    ],
)
def test_agreement_of_choices_is_a_share_of_whole_answers(make: Any, task: str, given: Any, agreement: float) -> None:
    team = make(task, "a", "b")
    team.answers(*({"labels": one} if isinstance(one, list) else {"label": one} for one in given))
    assert team.out()[0].agreement == agreement


def test_the_share_is_pooled_over_units() -> None:
    spans, config = TASK_TYPES["spans"], TaskConfig(("a", "b"))
    one, two = {"label": "a", "start": 0, "end": 1}, {"label": "b", "start": 2, "end": 3}
    third = {"label": "b", "start": 4, "end": 5}
    said = {"ann": {"spans": [one, two]}, "bob": {"spans": [one, third]}}
    assert spans.share_alike(["h1", "h2"], said, config, Content("abcdef")) == pytest.approx(4 / 6)


NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("2024-01-02T03:04:05Z", datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2024-01-02T05:04:05+02:00", datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2024-01-02 03:04:05", datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("1704164645", datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2031-01-01T00:00:00Z", None),
        ("1970-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("yesterday", None),
        ("1e400", None),
        (None, None),
    ],
)
def test_a_time_is_kept_where_it_is_one(written: str | None, at: datetime | None) -> None:
    assert given_at(written, NOW) == at


def test_an_answer_keeps_the_time_at_which_it_was_given_elsewhere(make: Any) -> None:
    team = make("classification", "a", "b")
    vote = VoteRow(1, "i0", None, "w@x.org", "a", 4.5, "because", "2024-01-02T03:04:05Z")
    workflow.import_votes(team.database, team.project_id, [vote], workflow.ImportPlan("v.csv", "csv"))
    (found,) = team.out()[0].votes
    assert found.created_at == "2024-01-02T03:04:05+00:00"


def test_a_row_that_stands_twice_in_a_file_is_one_item_and_is_told(make: Any) -> None:
    team = make("classification", "a", "b")
    again = [Row(number, None, "once more", None, "a", {}) for number in (1, 2, 3)]
    plan, files = workflow.ImportPlan("again.csv", "csv"), FileStore.__new__(FileStore)
    result = workflow.import_items(team.database, files, team.project_id, again, plan)
    assert (result.added, result.unchanged, result.rejected) == (1, 2, 0)
    assert [(row.number, row.file) for row in result.incomplete] == [(2, ""), (3, "")]
    assert sum(result.left_out.values()) == 2
