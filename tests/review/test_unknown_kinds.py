"""Flags of a detector that nobody has heard of: whatever is counted is in the queue, in the lists and in the API."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from labeler.decisions import queries as decision_queries
from labeler.quality.detectors.registry import DETECTORS, detector, rank
from labeler.quality.flag_rows import worst_flags
from labeler.quality.queries import kinds_of
from labeler.review import queue
from labeler.review.queue import Wanted
from labeler.storage.database import Database
from tests.conftest import Made
from tests.review.suspects import Suspect, add_pass
from tests.review.test_review_actions import decide, places

Make = Callable[..., Made]
SUSPECTS = [
    Suspect(0, "zebra", 0.9, "cat"),
    Suspect(1, "bad_crop", 0.5, "cat"),
    Suspect(2, "outlier", 0.4, "cat"),
    Suspect(3, "label_error", 0.1, "cat", "dog", 0.6),
    Suspect(3, "bad_crop", 0.99, "cat"),
    Suspect(1, "zebra", 0.99, "cat"),
]


def test_what_is_counted_can_be_walked_and_comes_after_the_known_kinds(database: Database, make_project: Make) -> None:
    made = make_project(given="cat")
    run = add_pass(database, made, SUSPECTS)
    with database.read() as session:
        counts = queue.counts(session, run)
        assert kinds_of(session, run) == ["label_error", "outlier", "bad_crop", "zebra"]
        assert [flag.kind for flag in worst_flags(session, made.id, run)] == [
            "label_error", "outlier", "bad_crop", "bad_crop", "zebra", "zebra",
        ]  # fmt: skip
    assert counts == {"": 4, "label_error": 1, "outlier": 1, "bad_crop": 2, "zebra": 2}
    assert places(database, made, Wanted(run)) == [3, 2, 1, 0]
    for kind in ("label_error", "outlier", "bad_crop", "zebra"):
        assert len(places(database, made, Wanted(run, kind))) == counts[kind]


def test_it_can_be_walked_back_and_forth_and_be_decided(
    database: Database, make_project: Make, cast: dict[str, int]
) -> None:
    made = make_project(given="cat")
    run = add_pass(database, made, SUSPECTS)
    with database.read() as session:
        last = queue.flag_of(session, Wanted(run), made.items[0])
        assert last is not None
        assert last.kind == "zebra"
        assert [flag.item_id for flag in queue.before(session, Wanted(run), last, 9)] == [
            made.items[place] for place in (1, 2, 3)
        ]
        second = queue.flag_of(session, Wanted(run), made.items[1])
        assert second is not None
        assert second.kind == "bad_crop"
        assert [flag.item_id for flag in queue.waiting(session, Wanted(run), after=second)] == [made.items[0]]
    for place in (0, 1):  # no flag is named: the first of the item in the queue's order is meant
        decide(database, made, cast["olga"], place, "exclude")
    with database.read() as session:
        assert queue.counts(session, run)[""] == len(queue.waiting(session, Wanted(run))) == 2
        decided = [decision_queries.history_with_authors(session, made.items[place])[0][0] for place in (0, 1)]
        assert [one.kind for one in decided] == ["zebra", "bad_crop"]


def test_pages_show_it_under_its_name(
    database: Database, make_project: Make, sign_in: Callable[[str], FlaskClient]
) -> None:
    made = make_project(given="cat")
    add_pass(database, made, SUSPECTS)
    olga = sign_in("olga")
    overview = olga.get(f"/p/{made.slug}/").text
    assert "Bad crop" in overview
    assert f"/p/{made.slug}/review?kind=bad_crop" in overview
    page = olga.get(f"/p/{made.slug}/review?kind=bad_crop").text
    assert "Text number 1" in page
    assert "Bad crop 2" in page
    assert "Zebra 2" in page
    assert "Bad crop" in olga.get(f"/p/{made.slug}/items?state=flagged").text


@pytest.fixture
def bad_crops() -> Iterator[None]:
    """A detector more, before all others, for as long as a test runs."""
    known = dict(DETECTORS)
    added = replace(DETECTORS["outlier"], kind="bad_crop", title="Cut off", waiting="Pictures that are cut off")
    DETECTORS.clear()
    DETECTORS.update({"bad_crop": added, **known})
    yield
    DETECTORS.clear()
    DETECTORS.update(known)


@pytest.mark.usefixtures("bad_crops")
def test_a_detector_that_is_added_to_the_table_has_its_place_and_its_words_everywhere(
    database: Database,
    make_project: Make,
    sign_in: Callable[[str], FlaskClient],
) -> None:
    made = make_project(given="cat")
    run = add_pass(database, made, SUSPECTS)
    assert rank("bad_crop") < rank("label_error") < rank("zebra")
    assert places(database, made, Wanted(run)) == [3, 1, 2, 0]
    olga = sign_in("olga")
    assert "Pictures that are cut off" in olga.get(f"/p/{made.slug}/").text
    assert "Cut off" in olga.get(f"/p/{made.slug}/review").text
    assert detector("zebra").title == "Zebra"
