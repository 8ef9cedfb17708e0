"""Twin tests of the modules behind spans, each by itself in a blank page."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.desk_server import DeskServer, run

pytestmark = pytest.mark.browser

TEXTS = ["", "plain", "😀", "a😀b👨‍👩‍👧c", "e\u0301😀\r\n𐍈𐍈", "مرحبا 😀 بك"]
LABELLING = """const { Labelling } = await import("/static/task_types/spans/marks/labelling.mjs");
const { Words } = await import("/static/task_types/spans/marks/words.mjs");
const order = new Map([["A", 1], ["B", 2], ["C", 3]]);
const said = [];
const labelling = new Labelling(order, (word) => said.push(word));
const text = "one two three two one";
labelling.open(new Words(text), []);
const { spans } = labelling;
const list = () => spans.list.map(({ start, end, label }) => `${label} ${text.slice(start, end)}`);
"""


@pytest.fixture
def module(page: Page) -> Page:
    server = DeskServer()
    server.attach(page)
    page.goto(f"{server.origin}/blank")
    return page


@pytest.mark.parametrize("text", TEXTS)
def test_places_count_code_points_both_ways(module: Page, text: str) -> None:
    found = run(
        module,
        f"""const text = {json.dumps(text)};
        const {{ Offsets }} = await import("/static/task_types/spans/marks/offsets.mjs");
        const offsets = new Offsets(text);
        const points = Array.from({{ length: [...text].length + 1 }}, (_, at) => at);
        return [points.map((at) => offsets.units(at)), points.map((at) => offsets.points(offsets.units(at)))];""",
    )
    units = [len(text[:at].encode("utf-16-le")) // 2 for at in range(len(text) + 1)]
    assert found == [units, list(range(len(text) + 1))]


def snapped(module: Page, text: str, places: list[int], *, letters: bool = False, plain: bool = False) -> Any:
    rules = ", null" if plain else ""
    return run(
        module,
        f"""const {{ Words }} = await import("/static/task_types/spans/marks/words.mjs");
        const text = {json.dumps(text)};
        const found = new Words(text{rules}).snap({places[0]}, {places[1]}, {json.dumps(letters)});
        return found && text.slice(...found);""",
    )


@pytest.mark.parametrize("plain", [False, True])
def test_a_stretch_is_widened_to_words_and_loses_the_space_around_it(module: Page, *, plain: bool) -> None:
    text = "Ada  didn't see 3,5 km."
    assert snapped(module, text, [1, 7], plain=plain) == "Ada  didn't"
    assert snapped(module, text, [3, 8], plain=plain) == "didn't"
    assert snapped(module, text, [21, 23], plain=plain) == "km."
    assert snapped(module, text, [3, 5], plain=plain) is None
    assert snapped(module, text, [8, 8], plain=plain) is None


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("x👨‍👩‍👧y", "👨‍👩‍👧"),
        ("x🇩🇪🇫🇷", "🇩🇪"),
        ("xe\u0301\u0323y", "e\u0301\u0323"),
        ("x\r\ny", "\r\n"),
        ("x👍🏽y", "👍🏽"),
    ],
)
def test_no_letter_is_ever_cut(module: Page, text: str, whole: str, *, plain: bool) -> None:
    units = len(whole.encode("utf-16-le")) // 2
    for at in range(1, units + 1):
        assert snapped(module, text, [at, at + 1], letters=True, plain=plain) == whole


@pytest.mark.parametrize("plain", [False, True])
def test_a_caret_stops_at_words_and_not_in_the_space_between(module: Page, *, plain: bool) -> None:
    rules = ", null" if plain else ""
    stops = run(
        module,
        f"""const {{ Words }} = await import("/static/task_types/spans/marks/words.mjs");
        const words = new Words("  ab, cd  😀\\n\\nef "{rules});
        const walk = (step, from, more) => {{
          const seen = [];
          for (let at = from, next; seen.length < 20; at = next) {{
            next = words[step](at, more);
            if (next === at) break;
            seen.push(next);
          }}
          return seen;
        }};
        const ends = {{ end: true }};
        return [walk("after", 0), walk("after", 0, ends), walk("before", 17), walk("before", 17, ends)];""",
    )
    assert stops == [[2, 4, 6, 10, 14, 17], [4, 5, 8, 12, 16, 17], [14, 10, 6, 4, 2, 0], [16, 12, 8, 5, 4, 0]]


def test_equal_words_are_whole_words_unless_the_span_is_not_one(module: Page) -> None:
    found = run(
        module,
        """const { Words } = await import("/static/task_types/spans/marks/words.mjs");
        const words = new Words("art, artist, art and ART; art");
        return [words.equal(0, 3), words.equal(0, 2)];""",
    )
    assert found == [[[13, 16], [26, 29]], [[5, 7], [13, 15], [26, 28]]]


def test_underlines_of_overlapping_spans_lie_in_lanes_of_their_own(module: Page) -> None:
    found = run(
        module,
        """const { lanes_of, runs_of } = await import("/static/task_types/spans/marks/runs.mjs");
        const spans = [[0, 20], [2, 5], [4, 9], [6, 9], [30, 31]].map(([start, end]) => ({ start, end }));
        const lanes = lanes_of(spans);
        const runs = runs_of(spans, [10, 40], lanes);
        const numbers = (list) => list.map((span) => spans.indexOf(span));
        const parts = runs.map((run) => [run.start, run.end, numbers(run.spans), numbers(run.ended)]);
        return [spans.map((span) => lanes.get(span)), parts];""",
    )
    lanes, runs = found
    assert lanes == [2, 0, 1, 0, 0]
    assert runs == [
        [0, 2, [0], []],
        [2, 4, [1, 0], []],
        [4, 5, [1, 2, 0], [1]],
        [5, 6, [2, 0], []],
        [6, 9, [3, 2, 0], [3, 2]],
        [9, 10, [0], []],
        [10, 20, [0], [0]],
        [20, 30, [], []],
        [30, 31, [4], [4]],
        [31, 40, [], []],
    ]


def test_deep_stacks_share_the_last_lane(module: Page) -> None:
    deepest = run(
        module,
        """const { lanes_of, LANES } = await import("/static/task_types/spans/marks/runs.mjs");
        const lanes = lanes_of(Array.from({ length: 9 }, (_, at) => ({ start: 0, end: 1 + at })));
        return [Math.max(...lanes.values()), LANES];""",
    )
    assert deepest == [5, 6]


def test_a_class_waits_for_words_and_words_wait_for_a_class(module: Page) -> None:
    found = run(
        module,
        LABELLING
        + """const seen = [];
        const label = () => spans.selected?.label ?? null;
        const after = () => seen.push([labelling.active, labelling.chosen, label(), list().join()]);
        labelling.pick([0, 3]); after();
        labelling.take("A"); after();
        labelling.take("B"); after();
        labelling.escape(); labelling.take("C"); after();
        labelling.pick([4, 7]); after();
        labelling.take("A"); after();
        return seen;""",
    )
    assert found == [
        [None, [0, 3], None, "null one"],
        [None, None, None, "A one"],  # it has its class and is let go
        ["B", None, None, "A one"],  # so this key is for the next words
        ["C", None, None, "A one"],
        ["C", None, None, "A one,C two"],
        ["A", None, None, "A one,C two"],
    ]


def test_the_same_key_again_puts_a_class_down_unless_something_was_made_with_it(module: Page) -> None:
    found = run(
        module,
        """const { NextClass } = await import("/static/web/shared/choosing/next_class.mjs");
        const next = new NextClass(["A"]);
        const seen = [];
        const after = () => seen.push(next.label);
        next.press("A"); after(); // what stood there from the start is only said again
        next.press("A"); after();
        next.press("B"); after();
        next.used(); next.press("B"); after();
        next.press("B"); after();
        return [seen, next.drop()];""",
    )
    assert found == [["A", None, "B", "B", None], False]


def test_words_of_one_gesture_are_one_mark_and_those_of_two_are_two(module: Page) -> None:
    found = run(
        module,
        LABELLING
        + """labelling.choose([0, 3]); labelling.choose([0, 7], { more: true });
        const grown = list();
        labelling.choose([8, 13]); labelling.choose(null);
        const kept = list();
        spans.undo();
        const undone = list();
        labelling.choose([4, 7]); labelling.choose(null, { more: true });
        return [grown, kept, undone, list()];""",
    )
    assert found == [["null one two"], ["null one two", "null three"], ["null one two"], ["null one two"]]


def test_a_span_is_never_there_twice(module: Page) -> None:
    found = run(
        module,
        LABELLING
        + """for (const label of ["A", "A", "B"]) { labelling.pick([0, 3]); labelling.take(label); }
        spans.change(spans.list[1], { label: "A" });
        const merged = list();
        spans.undo();
        return [merged, list()];""",
    )
    assert found == [["A one"], ["A one", "B one"]]


def test_more_spans_than_one_answer_holds_are_refused_in_words(module: Page) -> None:
    found = run(
        module,
        LABELLING
        + """const many = Array.from({ length: 5000 }, (_, at) => ({ start: at, end: at + 1, label: "B" }));
        labelling.open(new Words(text), many);
        labelling.pick([0, 3]); labelling.take("A");
        return [spans.list.length, said];""",
    )
    assert found == [5000, ["too_many"]]


def test_next_and_previous_go_round_and_start_from_the_caret(module: Page) -> None:
    found = run(
        module,
        LABELLING
        + """const mark = (start, end) => ({ start, end, label: "A" });
        labelling.open(labelling.words, [mark(0, 3), mark(4, 7), mark(8, 13)]);
        const seen = [];
        const go = (step, place) => {
          spans.select(spans.neighbour(step, place));
          seen.push(spans.selected.start);
        };
        go(1, 4); go(1, 4); go(1, 4); go(-1, 4);
        spans.select(null); go(-1, 8);
        labelling.open(labelling.words, []);
        return [seen, spans.neighbour(1, 0)];""",
    )
    assert found == [[4, 8, 0, 8, 4], None]
