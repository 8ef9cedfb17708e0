"""No answer is lost, doubled or reordered: the short form of what `python -m tests.bench workspace` measures.

The real command serves, Chromium answers, and the server's database is compared by key with what the browser reported
as written to its disk. Nothing sleeps but for the pace of a person; each wait is for a condition.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.bench import workspace_safety as safety
from tests.bench.bench_serving import serving
from tests.bench.workspace_browser import Bench
from tests.bench.workspace_instance import seed

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def served(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A server of its own with one project of sixty texts."""
    folder: Path = tmp_path_factory.mktemp("safe")
    seeded = seed(folder, pictures=0, sentences=60, only="text-classification")
    with serving(seeded.settings.instance) as server:
        address = f"http://127.0.0.1:{server.port}"
        yield Bench(seeded, address, chromium, short=True, slug="text-classification")
    seeded.app.extensions["labeler"].database.close()


@pytest.fixture
def bench(served: Bench) -> Bench:
    served.reported.clear()
    return served


def check(bench: Bench, trouble: safety.Trouble) -> None:
    found = safety.settle(bench, "T9", trouble.__name__, trouble(bench))
    assert found == {"lost": 0, "doubled": 0, "reordered": 0}
    assert bench.reported[-1]["n"] > 2
    assert [one for one in bench.reported if not one["met"]] == []


def test_answers_given_offline_arrive_once_and_in_order_after_the_tab_was_closed(bench: Bench) -> None:
    check(bench, safety.offline)


def test_answers_wait_while_the_server_fails(bench: Bench) -> None:
    check(bench, safety.server_errors)


def test_answers_whose_receipt_was_lost_are_not_stored_twice(bench: Bench) -> None:
    check(bench, safety.reply_lost)


def test_answers_wait_until_the_person_has_signed_in_again_in_place(bench: Bench) -> None:
    check(bench, safety.sign_in_expired)


def test_two_tabs_of_one_person_store_each_answer_once(bench: Bench) -> None:
    check(bench, safety.two_tabs)


def test_a_clock_that_is_a_day_behind_changes_nothing(bench: Bench) -> None:
    check(bench, safety.clock_wrong)


def test_an_answer_that_finds_no_room_is_refused_and_saving_online_goes_on(bench: Bench) -> None:
    check(bench, safety.no_room)


def test_answers_on_disk_survive_a_killed_browser(bench: Bench) -> None:
    safety.browser_killed(bench)
    (killed,) = bench.reported
    assert killed["n"] >= 10
    assert killed["stored_before"] == 0
    assert killed["met"]


def test_a_robot_at_ten_answers_a_second_and_a_held_key(bench: Bench) -> None:
    safety.bench_ceiling(bench)
    stored, _, held = bench.reported  # how many presses were taken depends on how busy the machine is
    assert stored["met"]
    assert stored["n"] > 2
    assert held["met"]
