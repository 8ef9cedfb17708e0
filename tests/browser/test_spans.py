"""Spans by keyboard alone, by mouse and by touch: nested, relabelled, undone, taken up again."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.desk_server import all_sent, open_desk, run
from tests.browser.spans_desk import TEXT, SpansServer, click, drag, ends, listed, press, until

pytestmark = pytest.mark.browser

SELECT = """(words) => {
  const node = document.querySelector(".span-line").firstChild;
  const start = node.data.indexOf(words);
  document.getSelection().setBaseAndExtent(node, start, node, start + words.length);
}"""


@pytest.fixture
def server() -> SpansServer:
    return SpansServer()


def test_letters_are_marked_whole_however_many_code_points_they_have(page: Page) -> None:
    text = "x👨‍👩‍👧‍👦🇩🇪e\u0301y"
    server = SpansServer(text)
    open_desk(page, server)
    press(page, "Alt+ArrowRight", "Alt+Shift+ArrowRight", "1", "Escape")
    press(page, "Alt+Shift+ArrowRight", "2")
    press(page, "Alt+Shift+ArrowRight", "3")
    assert server.marked(page) == [("ORG", "👨‍👩‍👧‍👦"), ("PER", "🇩🇪"), ("LOC", "e\u0301")]


def test_a_drag_with_alt_or_without_whole_words_marks_letters(page: Page, server: SpansServer) -> None:
    open_desk(page, server)
    page.keyboard.down("Alt")
    drag(page, TEXT, "urin")
    page.keyboard.up("Alt")
    press(page, "3")
    page.get_by_label("Whole words").uncheck()
    drag(page, TEXT, "ovel")
    press(page, "2")
    assert server.marked(page) == [("PER", "ovel"), ("LOC", "urin")]
    page.get_by_label("Whole words").check()


def test_a_class_first_and_then_words_needs_no_further_key(page: Page, server: SpansServer) -> None:
    open_desk(page, server)
    press(page, "2")
    expect(page.get_by_role("button", name="PER")).to_have_attribute("aria-pressed", "true")
    drag(page, TEXT, "Ada")
    click(page, TEXT, "Lovelace", times=2)
    press(page, "3")  # the next words, not those just marked
    click(page, TEXT, "Turin", times=2)
    assert server.marked(page) == [("PER", "Ada"), ("PER", "Lovelace"), ("LOC", "Turin")]


def test_the_class_of_the_next_words_never_touches_the_span_before(page: Page, server: SpansServer) -> None:
    open_desk(page, server)
    drag(page, TEXT, "Ada")
    press(page, "2")  # this span is done
    press(page, "3")  # and this key is for the next words
    drag(page, TEXT, "Turin")
    press(page, "3")  # the same key before each span: it stays
    drag(page, TEXT, "Rome")
    assert server.marked(page) == [("PER", "Ada"), ("LOC", "Turin"), ("LOC", "Rome")]


def test_spans_that_wait_for_a_class_are_asked_for_and_kept_over_everything(page: Page, server: SpansServer) -> None:
    open_desk(page, server)
    for words in ("Ada", "Turin", "Rome"):
        drag(page, TEXT, words)
    press(page, "3", "Escape", "Enter")
    submit, now = page.locator("[data-do=submit]"), page.locator("[data-spans=now]")
    expect(submit).to_contain_text("2 marks need a class")
    expect(now).to_have_text("New mark “Ada” needs a class (X removes it).")
    assert server.answers == {}
    open_desk(page, server)
    waits = page.locator("[data-spans=list] li.needs")
    expect(waits).to_have_count(2)
    press(page, "s")
    expect(page.locator("[data-part=number]")).to_have_text("Item 2")
    expect(waits).to_have_count(0)
    press(page, "z")
    expect(waits).to_have_count(2)
    press(page, "0")
    expect(page.locator("[data-part=number]")).to_have_text("Item 1")
    press(page, "Enter", "2", "Enter", "1")
    all_sent(page)  # the skip, too
    assert server.marked(page) == [("PER", "Ada"), ("ORG", "Turin"), ("LOC", "Rome")]


def test_the_next_item_begins_without_a_class(page: Page, server: SpansServer) -> None:
    open_desk(page, server)
    press(page, "2")
    drag(page, TEXT, "Ada")
    server.marked(page)
    expect(page.locator("[data-part=number]")).to_have_text("Item 2")
    assert page.locator("[data-choices] [aria-pressed=true]").count() == 0


def test_a_double_click_and_a_class_key_label_a_word(page: Page, server: SpansServer) -> None:
    open_desk(page, server)
    click(page, TEXT, "Turin", times=2)
    expect(page.locator("[data-spans=now]")).to_have_text("New mark “Turin” needs a class (X removes it).")
    page.get_by_role("button", name="LOC").click()
    expect(page.locator("[data-part=reading]")).to_be_focused()
    assert server.marked(page) == [("LOC", "Turin")]


def test_spans_may_nest_and_overlap_and_a_click_reaches_each(page: Page, server: SpansServer) -> None:
    open_desk(page, server)
    for words, key in (("Acme Corp hired Ada", "1"), ("Acme", "2"), ("hired Ada Lovelace", "3")):
        drag(page, TEXT, words)
        press(page, key, "Escape")
    now = page.locator("[data-spans=now]")
    click(page, TEXT, "Acme")
    expect(now).to_have_text("Mark 2 “Acme” is selected: a class changes it. Esc lets go.")
    click(page, TEXT, "Acme")
    expect(now).to_have_text("Mark 1 “Acme Corp hired Ada” is selected: a class changes it. Esc lets go.")
    page.locator(".span-chip[data-name=LOC]").click()
    expect(now).to_have_text("Mark 3 “hired Ada Lovelace” is selected: a class changes it. Esc lets go.")
    lanes = page.locator(".span-mark", has_text="hired Ada").evaluate_all("all => all.map((one) => one.className)")
    assert len({lane.split()[1] for lane in lanes}) == 2  # two underlines at two heights
    assert server.marked(page) == [("ORG", "Acme Corp hired Ada"), ("PER", "Acme"), ("LOC", "hired Ada Lovelace")]


def test_a_class_key_relabels_the_selected_span_and_x_deletes_it(page: Page, server: SpansServer) -> None:
    open_desk(page, server)
    for words in ("Acme Corp", "Ada Lovelace", "Turin"):
        drag(page, TEXT, words)
        press(page, "1")
    press(page, "Shift+L", "Shift+L", "2", "Shift+L", "x", "l", "l", "3")
    assert server.marked(page) == [("PER", "Ada Lovelace"), ("LOC", "Turin")]


def test_edges_move_by_letters_and_by_words_and_never_past_each_other(page: Page, server: SpansServer) -> None:
    open_desk(page, server)
    drag(page, TEXT, "Ada")
    press(page, "2", "l", "Alt+ArrowDown", "Alt+ArrowLeft", "Alt+Shift+ArrowRight")
    expect(page.locator(".span-pick q")).to_have_text("da Lovelac")
    press(page, *["Alt+ArrowUp"] * 4)
    assert server.marked(page) == [("PER", "da")]


def test_every_step_is_undone_and_redone(page: Page, server: SpansServer) -> None:
    open_desk(page, server)
    drag(page, TEXT, "Turin")
    press(page, "3", "l", "2", "Alt+ArrowRight", "x")
    seen = [listed(page)]
    for key in "zzzz":
        press(page, key)
        seen.append(listed(page))
    assert [[row.partition(", characters")[0] for row in rows] for rows in seen] == [
        [],
        ["Span 1, PER, “Turin.”"],
        ["Span 1, PER, “Turin”"],
        ["Span 1, LOC, “Turin”"],
        [],
    ]
    press(page, "Shift+Z", "Shift+Z")
    assert server.marked(page) == [("PER", "Turin")]


def test_equal_words_are_labelled_together_and_undone_together(page: Page, server: SpansServer) -> None:
    server.text = "Rome, ROME, Rome and Romes: Rome"
    open_desk(page, server)
    press(page, "Shift+ArrowRight", "3")
    expect(page.get_by_role("button", name="Label all 3 equal words")).to_be_visible()
    press(page, "Shift+Enter")
    assert len(listed(page)) == 3
    press(page, "z")
    assert len(listed(page)) == 1
    page.get_by_role("button", name="Label all 3 equal words").click()
    expect(page.get_by_role("button", name="Label all")).to_have_count(0)
    assert server.marked(page) == [("LOC", "Rome")] * 3


def test_nothing_here_is_said_and_never_meant_by_an_empty_submit(page: Page, server: SpansServer) -> None:
    open_desk(page, server)
    press(page, "Enter")
    expect(page.locator("[data-part=refusal]")).to_contain_text("Nothing is marked yet.")
    drag(page, TEXT, "Turin")
    press(page, "3", "0")
    expect(page.locator("[data-part=refusal]")).to_contain_text("There are spans.")
    assert server.answers == {}
    press(page, "z", "0")
    expect(page.locator("[data-part=live]")).to_have_text("Item 2. Saved 1 as Nothing here.")
    until(page, lambda: len(server.answers) == 1)
    assert server.values == [{"spans": []}]


def test_escape_takes_back_what_waits_step_by_step(page: Page, server: SpansServer) -> None:
    open_desk(page, server)
    press(page, "1", "Shift+ArrowRight")
    now = page.locator("[data-spans=now]")
    expect(now).to_have_text("New mark “Acme”: Enter makes it ORG.")
    press(page, "Escape")
    expect(now).to_have_text("Next marks are ORG. Esc ends it.")
    press(page, "Escape")
    expect(now).to_contain_text("A class key is for the next marks.")
    assert len(listed(page)) == 1  # the words are kept, and still need a class


def test_the_caret_is_seen_and_moves_by_words_letters_and_lines(page: Page, server: SpansServer) -> None:
    open_desk(page, server)
    caret = page.locator(".span-caret")
    expect(page.locator("[data-part=reading]")).to_be_focused()
    expect(caret).to_be_visible()
    x, y, *_ = ends(page, TEXT, "Corp")
    press(page, "ArrowRight")
    box = caret.bounding_box()
    assert box is not None
    assert abs(box["x"] - x) < 5
    assert box["y"] < y < box["y"] + box["height"]
    press(page, "ArrowDown", "Shift+ArrowRight")
    expect(page.locator("[data-spans=now]")).to_have_text("New mark “Lovelace” needs a class (X removes it).")
    press(page, "x", "ArrowUp", "Home", "Shift+End", "1")
    assert server.marked(page) == [("ORG", "Acme Corp hired Ada Lovelace in Turin.")]


def test_a_line_holds_at_most_seventy_two_characters(page: Page) -> None:
    server = SpansServer(
        "However little known the feelings or views of such a man may be on first entering a place. " * 9
    )
    open_desk(page, server)
    starts = page.evaluate(
        """() => {
          const node = document.querySelector(".span-line").firstChild, range = new Range(), tops = [];
          for (let at = 0; at < node.length; at++) {
            range.setStart(node, at);
            range.setEnd(node, at + 1);
            const top = range.getClientRects()[0]?.top;
            if (top !== undefined) tops.push(Math.round(top));
          }
          return tops;
        }"""
    )
    assert 50 < max(starts.count(top) for top in set(starts)) <= 73  # the space at the end of a line hangs


def test_a_chip_stays_beside_its_words_and_takes_no_part_in_marking(page: Page) -> None:
    text = "word " * 10 + "a Place " * 40
    server = SpansServer(text, classes=["A long name of a class"])
    open_desk(page, server)
    click(page, text, "Place", times=2)
    press(page, "1", "Shift+Enter")
    apart = page.evaluate(
        """() => [...document.querySelectorAll(".span-chip")].filter((chip) => {
          const [mark, own] = [chip.previousElementSibling, chip].map((one) => [...one.getClientRects()].at(-1));
          return Math.abs(mark.bottom - own.bottom) > 12;
        }).length"""
    )
    assert apart == 0
    press(page, "Escape")
    click(page, text, "Place", times=2)
    expect(page.locator("[data-spans=now]")).to_have_text("New mark “Place” needs a class (X removes it).")


def test_marks_are_hidden_only_while_h_is_held(page: Page, server: SpansServer) -> None:
    open_desk(page, server)
    drag(page, TEXT, "Turin")
    press(page, "3")
    page.keyboard.down("h")
    expect(page.locator(".spans.bare .span-chip")).to_be_hidden()
    page.keyboard.up("h")
    expect(page.locator(".span-chip")).to_be_visible()


def test_copied_text_has_no_chips(page: Page) -> None:
    text = "Acme Corp\r\nhired Ada.\n\n" + "A long line follows here. " * 30 + "\nEnd"
    server = SpansServer(text)
    open_desk(page, server)
    drag(page, text, "Acme")
    press(page, "1", "Escape")
    drag(page, text, "Ada")
    press(page, "2")
    assert page.evaluate("document.querySelector('[data-part=reading] p').textContent") == text
    copied = page.evaluate(
        "() => { document.getSelection().selectAllChildren(document.querySelector('[data-part=reading] p'));"
        " return document.getSelection().toString(); }"
    )
    assert copied.replace("\r", "").strip("\n") == text.replace("\r", "")


def test_the_list_selects_and_deletes_with_one_stop_for_tab(page: Page, server: SpansServer) -> None:
    open_desk(page, server)
    for words in ("Acme Corp", "Ada Lovelace", "Turin"):
        drag(page, TEXT, words)
        press(page, "1")
    assert page.locator(".span-pick[tabindex='0']").count() == 1
    page.locator(".span-pick[tabindex='0']").focus()
    press(page, "ArrowDown", "Enter")
    expect(page.locator("[data-spans=now]")).to_contain_text("Mark 2 “Ada Lovelace” is selected")
    press(page, "Tab", "Enter")
    assert [row.split(", ")[2] for row in listed(page)] == ["“Acme Corp”", "“Turin”"]
    expect(page.get_by_role("button", name="Delete span 2")).to_be_focused()
    page.get_by_role("button", name="Delete span 1").click()
    expect(page.locator("[data-part=reading]")).to_be_focused()
    assert server.marked(page) == [("ORG", "Turin")]


def test_spans_half_done_come_back_after_a_reload(page: Page, server: SpansServer) -> None:
    open_desk(page, server)
    drag(page, TEXT, "Turin")
    press(page, "3")
    until(page, lambda: bool(stored_drafts(page)))
    open_desk(page, server)
    expect(page.locator(".span-pick")).to_have_attribute("aria-label", "Span 1, LOC, “Turin”, characters 32 to 37")
    assert server.marked(page) == [("LOC", "Turin")]


def stored_drafts(page: Page) -> Any:
    return run(
        page,
        """const { openOutbox } = await import("/static/web/shared/sending/outbox.mjs");
        return (await (await openOutbox("7")).drafts("sorting")).filter(({ value }) => value?.spans.length);""",
    )


def test_an_answer_given_before_is_shown_and_can_be_changed(page: Page, server: SpansServer) -> None:
    open_desk(page, server)
    drag(page, TEXT, "Turin")
    press(page, "3")
    server.marked(page)
    expect(page.locator("[data-part=live]")).to_contain_text("Item 2. Saved 1 as 1 LOC.")
    assert listed(page) == []
    press(page, "z")
    expect(page.locator("[data-part=number]")).to_have_text("Item 1")
    expect(page.locator(".span-pick")).to_have_count(1)
    press(page, "l", "1")
    assert server.marked(page) == [("ORG", "Turin")]


def test_a_finger_selects_words_and_taps_a_class(chromium: Browser, server: SpansServer) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = open_desk(context.new_page(), server)
    finger = context.new_cdp_session(page)
    x, y, *_ = ends(page, TEXT, "Turin")
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for words in ("Tu", "Turin."):  # a long press and a handle that is pulled: without a screen there are none
        page.evaluate(SELECT, words)
    finger.send("Input.dispatchTouchEvent", {"type": "touchCancel", "touchPoints": []})
    expect(page.locator("[data-spans=now]")).to_have_text("New mark “Turin.” needs a class (X removes it).")
    page.evaluate(SELECT, "Turin")
    expect(page.locator("[data-spans=now]")).to_have_text("New mark “Turin” needs a class (X removes it).")
    page.evaluate("document.getSelection().removeAllRanges()")  # as phones do when something else is tapped
    page.get_by_role("button", name="LOC").tap()
    expect(page.locator(".span-pick")).to_have_attribute("aria-label", "Span 1, LOC, “Turin”, characters 32 to 37")
    page.locator(".span-chip").tap()
    expect(page.locator("[data-spans=now]")).to_contain_text("Mark 1 “Turin” is selected")
    page.get_by_role("button", name="ORG").tap()
    page.locator("[data-do=submit]").tap()
    until(page, lambda: len(server.answers) == 1)
    assert server.values == [{"spans": [{"label": "ORG", "start": 32, "end": 37}]}]
    assert next(iter(server.answers.values()))["input"] == "touch"
    context.close()


def test_letters_grow_and_spans_and_caret_stay_with_them(page: Page, server: SpansServer) -> None:
    open_desk(page, server)
    drag(page, TEXT, "Turin")
    press(page, "3", "=", "=", "=", "l")
    x, y, *_ = ends(page, TEXT, "Turin")
    box = page.locator(".span-caret").bounding_box()
    assert box is not None
    assert abs(box["x"] - x) < 10
    assert box["y"] < y < box["y"] + box["height"]
    press(page, "Escape")
    drag(page, TEXT, "Rome")
    press(page, "3")
    assert server.marked(page) == [("LOC", "Turin"), ("LOC", "Rome")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_no_accessibility_violation(chromium: Browser, scheme: Any, width: int) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme, bypass_csp=True)
    page = open_desk(context.new_page(), SpansServer(classes=[f"Class {n}" for n in range(1, 25)]))
    for words, key in (("Acme Corp hired", "1"), ("Corp", "0"), ("Ada Lovelace", "Shift+Digit1"), ("Rome", "3")):
        drag(page, TEXT, words)
        press(page, key)
    results = Axe().run(page)
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    context.close()
    assert results.violations_count == 0, results.generate_report()
    assert not wide
