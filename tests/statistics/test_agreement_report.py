"""What is said about agreement, counted by hand: parts add up, filters filter, and each number is one everywhere."""

from collections import Counter
from datetime import date

import pytest
from sqlalchemy import select, update

from labeler.agreement.meant import EVERY, MIXED, SINGLE, UNAIDED, Meant, meant_in, meant_said
from labeler.agreement.queries import histogram
from labeler.annotations.models import Annotation
from labeler.config import Settings
from labeler.measures.histogram import by_class
from labeler.measures.summary import Summary, summary
from labeler.projects.models import Item, Project
from labeler.projects.queries import classes_of
from labeler.statistics.agreement_numbers import Everything, read_everything
from labeler.statistics.counts import tally
from labeler.statistics.item_search import ItemFilter, item_total
from labeler.statistics.snapshot import read_snapshot
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from tests.statistics.agreement_world import make_world


@pytest.fixture
def settings(any_settings: Settings) -> Settings:
    return any_settings


@pytest.fixture
def world(database: Database, files: FileStore, cast: dict[str, int]) -> int:
    return make_world(database, files, cast)


def read(database: Database, project_id: int, meant: Meant = EVERY) -> Everything:
    with database.read() as session:
        project = session.get_one(Project, project_id)
        return read_everything(
            session, project, classes_of(session, project_id), read_snapshot(session, project), meant
        )


def by_hand(database: Database, project_id: int, items: set[int] | None = None) -> dict[tuple[str, ...], int]:
    """Return the patterns of items with two counted answers or more."""
    with database.read() as session:
        said: dict[int, list[str]] = {}
        query = select(Annotation.item_id, Annotation.code).where(
            Annotation.project_id == project_id, Annotation.status == "counted"
        )
        for item, code in session.execute(query):
            said.setdefault(item, []).append(code)
    return Counter(
        tuple(sorted(codes)) for item, codes in said.items() if len(codes) > 1 and (items is None or item in items)
    )


def test_everything_is_what_a_count_by_hand_says(database: Database, world: int) -> None:
    every = read(database, world)
    report, patterns = every.report, by_hand(database, world)
    assert report.items == sum(patterns.values()) == 140
    assert report.answers == sum(len(codes) * items for codes, items in patterns.items())
    assert report.differ == sum(items for codes, items in patterns.items() if len(set(codes)) > 1)
    assert report.people == 3
    assert sum(week.items for week in report.weeks) == report.items
    assert sum(version.items for version in report.versions) == report.items
    assert [version.version for version in report.versions] == [1, 2]
    assert (report.first, report.last) == (date(2026, 2, 17), date(2026, 2, 25))


def test_the_same_numbers_without_a_filter_and_with_one_that_keeps_all(database: Database, world: int) -> None:
    every, all_of_them = read(database, world).report, read(database, world, Meant(way=SINGLE)).report
    assert all_of_them.measured == every.measured
    with database.read() as session:
        classes = classes_of(session, world)
        kept = by_class(histogram(session, world), classes.index_of_code)
    assert every.measured == summary(kept, 3)


def test_a_week_is_measured_on_its_own_items(database: Database, world: int) -> None:
    first = read(database, world).report.weeks[0]
    alone = read(database, world, Meant(since=first.first, until=first.last))
    assert first.measured == alone.report.measured
    assert alone.report.items == first.items == 70
    assert [week.items for week in alone.report.weeks] == [70]


def test_filters_are_of_answers_and_of_items(database: Database, world: int) -> None:
    with database.write() as session:
        session.execute(
            update(Annotation).where(Annotation.project_id == world, Annotation.item_id % 2 == 0).values(mode="bulk")
        )
        session.execute(
            update(Annotation).where(Annotation.project_id == world, Annotation.item_id % 5 == 0)
            .values(suggestion_shown=True)
        )  # fmt: skip
        some = session.scalars(select(Annotation.id).where(Annotation.project_id == world).limit(3)).all()
        session.execute(update(Annotation).where(Annotation.id.in_(some)).values(guideline_version=9))
    with database.read() as session:
        ids = set(session.scalars(select(Item.id).where(Item.project_id == world)))
        imports = sorted({one or 0 for one in session.scalars(select(Item.import_id).where(Item.project_id == world))})
    assert read(database, world, Meant(way=SINGLE)).report.items == sum(one % 2 for one in ids)
    assert read(database, world, Meant(way=UNAIDED)).report.items == sum(one % 2 and one % 5 > 0 for one in ids)
    assert read(database, world, Meant(import_id=imports[0])).report.items == 70
    night = read(database, world, Meant(about="shift=night")).report.items
    assert 0 < night < 140
    assert read(database, world, Meant(about="shift=day")).report.items == 140 - night
    assert read(database, world, Meant(version=MIXED)).report.items == len(some)
    assert read(database, world, Meant(about="shift=noon")).report.items == 0


def test_a_person_agrees_with_the_others_as_on_the_list_of_annotators(database: Database, world: int) -> None:
    every = read(database, world)
    with database.read() as session:
        project = session.get_one(Project, world)
        counted = tally(read_snapshot(session, project), classes_of(session, world).codes)
    wanted = {one.user: (one.agreed, one.compared) for one in counted.people}
    assert {one.user: (one.agreed, one.compared) for one in every.people} == wanted


def test_pairs_of_people_have_the_alpha_of_their_common_items(database: Database, world: int) -> None:
    every = read(database, world)
    assert len(every.pairs) == 3
    for pair in every.pairs:
        assert pair.items == 140
        assert isinstance(pair.measured, Summary)
        assert pair.kappa is not None
        assert abs(pair.kappa - (pair.measured.alpha or 0)) < 0.05


def test_parts_where_answers_differ_more_stand_out(database: Database, world: int) -> None:
    every = read(database, world)
    assert [(one.where.column, one.where.value) for one in every.slices if one.stands_out] == [("shift", "night")]
    night = every.slices[0]
    with database.read() as session:
        assert (
            item_total(session, world, ItemFilter(about="shift=night", among="differ"), inspection_id=None)
            == night.differ
        )
        assert (
            item_total(session, world, ItemFilter(about="shift=night", among="two"), inspection_id=None) == night.items
        )
    assert {one.where.by for one in every.slices} == {"about", "import", "week", "version"}


def test_final_labels_and_parts_labeled_differently(database: Database, files: FileStore, cast: dict[str, int]) -> None:
    def other_labels(_name: str, item: int, _night: bool) -> float:  # noqa: FBT001
        return 0.02 if item < 140 else 0.6

    world = make_world(database, files, cast, wrong=other_labels)
    every = read(database, world)
    assert every.balance
    assert every.balance.total == sum(every.balance.finals)
    drifting = [one.where.by for one in every.balance.drifts if one.found.stands_out]
    assert sorted(set(drifting)) == ["import", "week"]
    with database.read() as session:
        codes = classes_of(session, world).codes
        for code, items in zip(codes, every.balance.finals, strict=True):
            assert item_total(session, world, ItemFilter(final=code), inspection_id=None) == items


def test_what_is_meant_is_read_as_it_is_said() -> None:
    meant = Meant("single", MIXED, date(2026, 2, 1), date(2026, 2, 3), 4, "camera=3=b")
    assert meant_in(meant_said(meant)) == meant
    assert meant_in({"way": "x", "version": "-4", "since": "soon", "import_id": "9" * 12, "about": "=3"}) == EVERY
    assert meant_said(EVERY) == {}


def test_items_with_several_labels_and_scales_are_reported_too(
    database: Database, files: FileStore, cast: dict[str, int]
) -> None:
    for task in ("rating", "multilabel"):
        every = read(database, make_world(database, files, cast, task=task, slug=task))
        assert every.report.items == 140
        assert len([week for week in every.report.weeks if week.measured]) == 2
        assert every.report.weeks[0].measured != every.report.weeks[1].measured
        assert len(every.people) == 3
