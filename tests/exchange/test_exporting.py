"""Exports by choice, on both databases: filters, splits, people, soft labels, and counts that are those of the file."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update

from labeler import workflow
from labeler.config import Settings
from labeler.decisions.actions import Decision
from labeler.errors import Invalid
from labeler.exchange.contents import Counted, contents_of
from labeler.exchange.export_choices import EMAILS, ExportChoices, SplitChoices, shares_in
from labeler.exchange.exporting import prepare
from labeler.exchange.pseudonyms import person_called, pseudonyms
from labeler.exchange.rows import ExportRow, Row
from labeler.projects.models import Item, Project
from labeler.projects.queries import classes_of
from labeler.quality.models import Flag, Inspection
from labeler.statistics.conditions import ALL, LABELED_OR_TIED, WHICH, Conditions
from labeler.statistics.item_search import ItemFilter, item_total
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from tests.conftest import NOW, Made

Answer = Callable[[Made, str, list[str]], Any]
MakeProject = Callable[..., Made]


@pytest.fixture
def settings(any_settings: Settings) -> Settings:
    return any_settings


@pytest.fixture
def made(make_project: MakeProject, answer: Answer, database: Database, files: FileStore, cast: dict[str, int]) -> Made:
    """Nine items, in order.

    e0 cat by both · e1 dog by both · e2 tied · e3 excluded · e4 cat by Ann alone · e5 made dog by Olga · e6 called
    ambiguous by Olga · e7 without a label · g8 given as dog, nobody saw it
    """
    made = make_project(items=8, votes=2)
    row = Row(1, "g8", "Came with a label", None, "dog", {"camera": "north"})
    workflow.import_items(database, files, made.id, [row], workflow.ImportPlan("labels.csv", "csv"))
    answer(made, "ann", ["cat", "dog", "cat", "cat", "cat", "cat", "cat"])
    answer(made, "bob", ["cat", "dog", "dog", "cat"])
    with database.write() as session:
        project = session.get_one(Project, made.id)
        items = list(session.scalars(select(Item.id).where(Item.project_id == made.id).order_by(Item.id)))
        dog, cat = (classes_of(session, made.id).by_name[name] for name in ("dog", "cat"))
        for decision in (
            Decision("key-1-long-enough", items[3], "exclude"),
            Decision("key-2-long-enough", items[5], "relabel", code=dog),
            Decision("key-3-long-enough", items[6], "ambiguous", soft={cat: 0.5, dog: 0.5}),
        ):
            workflow.resolve(session, project, decision, by=cast["olga"])
        flag(session, made.id, items[0], items[1])
    return Made(made.id, made.slug, items)


def flag(session: Any, project_id: int, *items: int, twins: tuple[int, ...] = ()) -> None:
    """Have a check flag items, as each other's twins where they are named."""
    run = Inspection(project_id=project_id, state="done", started_at=NOW, finished_at=NOW)
    session.add(run)
    session.flush()
    reasons = [{"kind": "duplicate", "item": twins[0], "similarity": 1.0, "twins": list(twins)}] if twins else []
    kind = "near_duplicate" if twins else "label_error"
    for item in items:
        session.add(
            Flag(
                project_id=project_id,
                inspection_id=run.id,
                item_id=item,
                kind=kind,
                score=0.9,
                label_code="",
                reasons=reasons,
            )
        )


def rows_of(database: Database, made: Made, chosen: ExportChoices) -> list[ExportRow]:
    with database.read() as session:
        return list(prepare(session, session.get_one(Project, made.id), chosen, NOW).rows())


def names(database: Database, made: Made, **conditions: Any) -> str:
    """Return the ids of the items that meet these conditions, such as "e0 e1"."""
    found = rows_of(database, made, ExportChoices("jsonl", Conditions(**conditions)))
    return " ".join(row.external_id or "" for row in found)


def test_each_filter_keeps_what_it_says(made: Made, database: Database, cast: dict[str, int]) -> None:
    assert names(database, made) == "e0 e1 e4 e5 e6 g8"
    assert names(database, made, which=LABELED_OR_TIED) == "e0 e1 e2 e4 e5 e6 g8"
    assert names(database, made, which=ALL) == "e0 e1 e2 e3 e4 e5 e6 e7 g8"
    assert names(database, made, which=ALL, no_ties=True) == "e0 e1 e3 e4 e5 e6 e7 g8"
    assert names(database, made, reviewed=True) == "e5 e6"
    assert names(database, made, min_votes=2) == "e0 e1 e5 e6"
    assert names(database, made, min_votes=1) == "e0 e1 e4 e5 e6"
    assert names(database, made, min_confidence=0.01) == "e0 e1 e4 e5 e6"
    assert names(database, made, min_confidence=1.0, min_votes=2) == "e5 e6"
    assert names(database, made, no_flags=True) == "e4 e5 e6 g8"
    assert names(database, made, classes=("dog",)) == "e1 e5 g8"
    assert names(database, made, classes=("dog", "cat")) == "e0 e1 e4 e5 g8"
    assert names(database, made, classes=("neither",)) == ""
    assert names(database, made, annotator=cast["bob"]) == "e0 e1"
    assert names(database, made, annotator=cast["zed"]) == ""


def test_items_of_one_import(made: Made, database: Database) -> None:
    with database.read() as session:
        later = session.get_one(Item, made.items[8]).import_id
    assert names(database, made, import_id=later) == "g8"


def test_the_day_of_a_label_is_that_of_the_decision_then_of_its_answers_then_of_its_import(
    made: Made, database: Database
) -> None:
    from labeler.annotations.models import Annotation
    from labeler.decisions.models import Review

    def at(day: int) -> Any:
        return NOW.replace(month=5, day=day)

    with database.write() as session:
        session.execute(update(Item).values(created_at=at(1)))
        session.execute(update(Annotation).values(created_at=at(10)))
        session.execute(update(Annotation).where(Annotation.item_id == made.items[1]).values(created_at=at(12)))
        session.execute(update(Review).values(created_at=at(20).replace(hour=23, minute=59)))
    assert names(database, made, since=date(2026, 5, 20)) == "e5 e6"
    assert names(database, made, until=date(2026, 5, 9)) == "g8"
    assert names(database, made, since=date(2026, 5, 10), until=date(2026, 5, 11)) == "e0 e4"
    assert names(database, made, since=date(2026, 5, 12), until=date(2026, 5, 20)) == "e1 e5 e6"
    assert names(database, made, until=date.max) == "e0 e1 e4 e5 e6 g8"


def test_a_class_that_is_not_there_is_refused_with_those_that_are(made: Made, database: Database) -> None:
    with pytest.raises(Invalid, match=r"There is no class 'horse'; choose of cat, dog, neither\."):
        names(database, made, classes=("horse",))


CONDITIONS = [
    *(Conditions(which=which) for which in WHICH),
    Conditions(reviewed=True),
    Conditions(min_votes=2, no_flags=True),
    Conditions(LABELED_OR_TIED, min_confidence=0.9),
    Conditions(ALL, classes=("dog",)),
    Conditions(since=date(2030, 1, 1)),
]


@pytest.mark.parametrize("wanted", CONDITIONS, ids=str)
def test_what_is_counted_before_is_what_is_in_the_file_and_in_the_lists(
    wanted: Conditions, made: Made, database: Database
) -> None:
    written = rows_of(database, made, ExportChoices("jsonl", wanted))
    with database.read() as session:
        found = contents_of(session, made.id, wanted)
        run = session.scalar(select(Inspection.id))

        def listed(state: str, *, chosen: Conditions | None = wanted, left_out: bool = False) -> int:
            about = ItemFilter(state=state, chosen=chosen, left_out=left_out)
            return item_total(session, made.id, about, inspection_id=run)

        assert found.items == 9
        assert found.written == len(written) == listed("")
        assert found.items == found.written + found.excluded + found.unlabeled + found.ties_out + found.filtered
        assert found.filtered == listed("", left_out=True)
        for state, count in {
            "flagged": found.flagged,
            "tie": found.tied,
            "given": found.given,
            "automatic": found.automatic,
            "decided": found.reviewed,
            "ambiguous": found.ambiguous,
            "consensus": found.consensus,
        }.items():
            assert count == Counted(listed(state), listed(state, chosen=None)), state


def test_what_is_in_a_file_is_told_apart(made: Made, database: Database) -> None:
    with database.read() as session:
        found = contents_of(session, made.id, Conditions())
    told = asdict(found)
    assert (found.items, found.written) == (9, 6)
    assert told["flagged"] == {"inside": 2, "all": 2}
    assert told["tied"] == {"inside": 0, "all": 1}
    assert told["given"] == {"inside": 1, "all": 1}
    assert told["reviewed"] == told["ambiguous"] == {"inside": 1, "all": 1}
    assert told["consensus"] == {"inside": 3, "all": 3}
    assert (found.excluded, found.unlabeled, found.ties_out, found.filtered) == (1, 1, 1, 0)


def test_people_are_pseudonyms_that_stay_unless_somebody_chose_addresses(
    made: Made, database: Database, cast: dict[str, int]
) -> None:
    def people(chosen: ExportChoices) -> set[str]:
        return {vote.annotator for row in rows_of(database, made, chosen) for vote in row.votes}

    assert people(ExportChoices("jsonl")) == {"annotator-1", "annotator-2"}
    assert people(ExportChoices("jsonl", people=EMAILS)) == {"ann@example.org", "bob@example.org"}
    with database.read() as session:
        assert pseudonyms(session, made.id) == {cast["ann"]: "annotator-1", cast["bob"]: "annotator-2"}
        for called in ("bob@example.org", "BOB@example.org", "annotator-2", str(cast["bob"])):
            assert person_called(session, made.id, called) == cast["bob"]
        with pytest.raises(Invalid, match="Nobody here is called"):
            person_called(session, made.id, "nobody@example.org")


@pytest.mark.parametrize("name", ["csv", "tsv", "xlsx", "jsonl", "parquet", "label_studio", "cleanlab_votes"])
def test_no_format_holds_an_address_by_default(name: str, made: Made, database: Database) -> None:
    with database.read() as session:
        project = session.get_one(Project, made.id)
        data = b"".join(prepare(session, project, ExportChoices(name, Conditions(ALL)), NOW).chunks())
        named = b"".join(prepare(session, project, ExportChoices(name, people=EMAILS), NOW).chunks())
    assert b"example.org" not in data
    assert b"example.org" in named or name in {"xlsx", "parquet"}  # which are packed


def test_soft_labels_are_shares_of_the_answers_and_one_class_where_a_lead_decided(
    made: Made, database: Database
) -> None:
    chosen = ExportChoices("jsonl", Conditions(LABELED_OR_TIED), soft_labels=True)
    soft = {row.external_id: row.soft_label for row in rows_of(database, made, chosen)}
    assert soft == {
        "e0": {"cat": 1.0},
        "e1": {"dog": 1.0},
        "e2": {"cat": 0.5, "dog": 0.5},
        "e4": {"cat": 1.0},
        "e5": {"dog": 1.0},
        "e6": {"cat": 0.5, "dog": 0.5},
        "g8": {"dog": 1.0},
    }
    usual = {row.external_id: row.soft_label for row in rows_of(database, made, ExportChoices("jsonl"))}
    assert {name for name, shares in usual.items() if shares} == {"e6"}


def test_answers_can_stay_at_home_but_not_what_was_counted_of_them(made: Made, database: Database) -> None:
    assert not any(row.votes for row in rows_of(database, made, ExportChoices("jsonl", answers=False)))
    (first, *_) = rows_of(database, made, ExportChoices("cleanlab", answers=False))
    assert len(first.votes) == 2


@pytest.fixture
def many(make_project: MakeProject, database: Database, files: FileStore) -> Made:
    """300 given labels of 30 patients, two of whom share a text; the first and the last item are found to be twins."""
    made = make_project(items=0)
    rows = [
        Row(n + 1, f"i{n}", f"Report {n % 290}", None, ("cat", "dog", "dog")[n % 3], {"patient": n % 30, "plain": True})
        for n in range(300)
    ]
    workflow.import_items(database, files, made.id, rows, workflow.ImportPlan("reports.csv", "csv"))
    with database.write() as session:
        items = list(session.scalars(select(Item.id).where(Item.project_id == made.id).order_by(Item.id)))
        flag(session, made.id, items[-1], twins=(items[0], items[-1]))
    return Made(made.id, made.slug, items)


def split_of(database: Database, made: Made, **choices: Any) -> dict[str, str]:
    split = SplitChoices(shares_in("80/10/10"), **choices)
    rows = rows_of(database, made, ExportChoices("jsonl", split=split))
    return {row.external_id or "": row.split for row in rows}


def test_shares_are_exact_to_one_item_in_each_class(many: Made, database: Database) -> None:
    rows = rows_of(database, many, ExportChoices("jsonl", split=SplitChoices(shares_in("80/10/10"), seed=3)))
    for label, count in Counter(row.final_label for row in rows).items():
        parts = Counter(row.split for row in rows if row.final_label == label)
        for part, share in (("train", 0.8), ("val", 0.1), ("test", 0.1)):
            assert abs(parts[part] - share * count) <= 1, (label, part)


def test_neither_twins_nor_one_patient_nor_one_text_are_on_two_sides(many: Made, database: Database) -> None:
    parts = split_of(database, many, group_by=("patient",))
    for patient in range(30):
        assert len({parts[f"i{n}"] for n in range(patient, 300, 30)}) == 1
    for n in range(10):
        assert parts[f"i{n}"] == parts[f"i{n + 290}"]
    assert parts["i0"] == parts["i299"]
    assert set(parts.values()) == {"train", "val", "test"}


def test_twins_may_be_parted_if_somebody_wants_that_but_not_identical_contents(many: Made, database: Database) -> None:
    apart = 0
    for seed in range(20):
        parts = split_of(database, many, seed=seed, near_duplicates=False)
        assert all(parts[f"i{n}"] == parts[f"i{n + 290}"] for n in range(10))
        apart += parts["i0"] != parts["i299"]
        together = split_of(database, many, seed=seed)
        assert together["i0"] == together["i299"]
    assert apart


def test_the_page_of_a_split_says_what_its_parts_are_like(many: Made, database: Database) -> None:
    split = SplitChoices(shares_in("80/10/10"), group_by=("patient",))
    with database.read() as session:
        made = prepare(session, session.get_one(Project, many.id), ExportChoices("jsonl", split=split), NOW)
        rows = list(made.rows())
    assert made.parts is not None
    assert made.parts.rarest == "cat"
    for part in made.parts.listed:
        here = [row for row in rows if row.split == part.name]
        assert (part.items, part.rarest) == (len(here), sum(row.final_label == "cat" for row in here))
        assert part.groups <= 30
    assert sum(part.items for part in made.parts.listed) == 300


def test_a_column_that_nobody_has_is_refused(many: Made, database: Database) -> None:
    with pytest.raises(Invalid, match="No item has metadata called 'hospital'"):
        split_of(database, many, group_by=("hospital",))


def test_the_same_seed_gives_the_same_parts_on_both_databases(many: Made, database: Database) -> None:
    parts = split_of(database, many, seed=11, group_by=("patient",))
    digest = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
    assert digest[:16] == "43d6e829122702a8"


def test_items_that_come_later_leave_nearly_all_where_they_were(
    many: Made, database: Database, files: FileStore
) -> None:
    before = split_of(database, many)
    rows = [Row(n, f"new{n}", f"New report {n}", None, "dog", {}) for n in range(1, 61)]
    workflow.import_items(database, files, many.id, rows, workflow.ImportPlan("more.csv", "csv"))
    after = split_of(database, many)
    assert len(after) == 360
    assert sum(after[name] != part for name, part in before.items()) <= 15  # a fifth more, all of one class


def test_a_filter_that_few_items_of_many_meet_reads_them_all(
    many: Made, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labeler.exchange.queries.BLOCK", 7)
    assert len(rows_of(database, many, ExportChoices("jsonl", Conditions(classes=("cat",))))) == 100
    assert rows_of(database, many, ExportChoices("jsonl", Conditions(classes=("neither",)))) == []


def test_a_format_that_does_not_fit_is_refused(many: Made, database: Database) -> None:
    for name in ("coco", "docx", ""):
        with pytest.raises(Invalid, match=r"cannot hold|There is no export format"):
            rows_of(database, many, ExportChoices(name))
