"""What is offered as likely wrong once decisions taught it, and what is drawn at random to teach more."""

import uuid
from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient

from labeler import workflow
from labeler.config import Settings
from labeler.decisions.actions import Decision
from labeler.projects.models import Project
from labeler.projects.queries import classes_of
from labeler.quality.calibration.queries import calibration
from labeler.quality.detectors.random_draw.detector import TAUGHT
from labeler.review import queue
from labeler.review.offer import drawn, is_draw_due, least_offered
from labeler.review.queue import Wanted
from labeler.storage.database import Database
from tests.conftest import Made
from tests.review.suspects import Suspect, add_pass

Make = Callable[..., Made]
SignIn = Callable[[str], FlaskClient]


@pytest.fixture
def settings(any_settings: Settings) -> Settings:
    """Each of the two databases."""
    return any_settings


@pytest.fixture
def database(any_settings: Settings) -> Iterator[Database]:
    found = Database(any_settings)
    yield found
    found.close()


def decide(database: Database, made: Made, by: int, places: range, *, wrong_until: int) -> None:
    """Decide about items one by one: those before a place are wrong."""
    with database.write() as session:
        dog, project = classes_of(session, made.id).by_name["dog"], session.get_one(Project, made.id)
        for place in places:
            wrong = place < wrong_until
            decision = Decision(
                str(uuid.uuid4()), made.items[place], "relabel" if wrong else "keep", dog if wrong else ""
            )
            workflow.resolve(session, project, decision, by=by)


def test_labels_that_are_rather_right_come_last_and_nothing_is_hidden(
    database: Database, make_project: Make, cast: dict[str, int]
) -> None:
    made = make_project(items=40, given="cat")
    scores = [0.98, 0.05] * 12 + [0.97, 0.96, 0.04, 0.03]
    errors = [Suspect(n, "label_error", score, "cat", "dog", 0.9) for n, score in enumerate(scores)]
    run = add_pass(database, made, [*errors, Suspect(27, "outlier", 0.4, "cat"), Suspect(30, "outlier", 0.5, "cat")])
    for place in range(24):
        decide(database, made, cast["olga"], range(place, place + 1), wrong_until=24 if place % 2 == 0 else 0)
    with database.read() as session:
        known = calibration(session, made.id)
        least = least_offered(session, run, known)
        assert 0.05 < least < 0.95
        wanted = Wanted(run, least=least)
        order = queue.waiting(session, wanted)
        # 27 is an outlier too, which comes before it is rather right
        assert [made.items.index(flag.item_id) for flag in order] == [24, 25, 30, 27, 26]
        assert [flag.kind for flag in order] == ["label_error", "label_error", "outlier", "outlier", "label_error"]
        assert queue.counts(session, run)[""] == len(order)
        walked = [queue.waiting(session, wanted, limit=1)[0]]
        while following := queue.waiting(session, wanted, after=walked[-1], limit=1):
            walked += following
        assert walked == order
        assert list(reversed(queue.before(session, wanted, order[-1], limit=9))) == order[:-1]
        alone = queue.waiting(session, Wanted(run, "label_error", least=least))
        assert [made.items.index(flag.item_id) for flag in alone] == [24, 25, 26, 27]


def test_no_more_than_twice_as_far_as_anybody_looked_is_offered(
    database: Database, make_project: Make, cast: dict[str, int]
) -> None:
    made = make_project(items=40, given="cat")
    run = add_pass(database, made, [Suspect(n, "label_error", 0.99 - n / 50, "cat", "dog", 0.9) for n in range(40)])
    with database.read() as session:
        assert least_offered(session, run, calibration(session, made.id)) == 0.0
    decide(database, made, cast["olga"], range(10), wrong_until=10)
    with database.read() as session:
        known = calibration(session, made.id)
        assert known.of(0.3).number > 0.5  # the curve alone would offer them all
        assert least_offered(session, run, known) == pytest.approx(0.99 - 19 / 50)


def test_every_second_one_of_the_first_decisions_is_drawn_and_stays_so_until_it_is_made(
    database: Database, make_project: Make, cast: dict[str, int]
) -> None:
    assert [is_draw_due(reviews) for reviews in (0, 1, 2, 3, TAUGHT - 1, TAUGHT, TAUGHT + 1)] == [
        False, True, False, True, True, False, False,
    ]  # fmt: skip
    made = make_project(items=30, given="cat")
    errors = [Suspect(n, "label_error", 0.9, "cat", "dog", 0.9) for n in range(6)]
    draws = [Suspect(n, "random_draw", 0.2, "cat") for n in range(4, 24)]
    run = add_pass(database, made, [*errors, *draws])
    wanted = Wanted(run)
    with database.read() as session:
        assert drawn(session, wanted, 0) is None
        first = drawn(session, wanted, 1)
        assert first is not None
        assert first is drawn(session, wanted, 1)
        assert drawn(session, Wanted(run, "label_error"), 1) is None
        place = made.items.index(first.item_id)
    assert 4 <= place < 24
    decide(database, made, cast["olga"], range(place, place + 1), wrong_until=0)
    with database.read() as session:
        assert calibration(session, made.id).reviews == 1  # what was drawn teaches as well
        second = drawn(session, wanted, 1)
        assert second is not None
        assert second.item_id != first.item_id


def test_the_page_says_what_was_drawn_and_goes_on_with_the_queue(
    database: Database, make_project: Make, sign_in: SignIn, cast: dict[str, int]
) -> None:
    made, olga = make_project(items=30, given="cat"), sign_in("olga")
    errors = [Suspect(n, "label_error", 0.9 - n / 100, "cat", "dog", 0.9) for n in range(6)]
    add_pass(database, made, [*errors, *[Suspect(n, "random_draw", 0.2, "cat") for n in range(10, 30)]])
    said = "Drawn at random, to learn how far the numbers can be trusted."
    assert said not in olga.get("/p/pets/review").text
    decide(database, made, cast["olga"], range(1), wrong_until=1)
    page = olga.get("/p/pets/review").text
    assert said in page
    assert olga.get("/p/pets/review").text.count(said) == 1
    assert "Change to" not in page  # nothing speaks against its label
    item = page.split('name="item"')[1].split('value="')[1].split('"')[0]
    assert made.items.index(int(item)) >= 10
