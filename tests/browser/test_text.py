"""Free text in the real workspace: typed, corrected, refused, composed, drafted, by keyboard, pointer and touch.

Note: while somebody types, every key is text. What the page does with single keys it does outside the field.
"""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from labeler.task_types.base import Content, TaskConfig
from labeler.task_types.text.diff import differences
from labeler.task_types.text.task import Text
from tests.browser.conftest import violations
from tests.browser.desk_server import DeskServer, all_sent, open_desk, run, wait_for_keys

pytestmark = pytest.mark.browser
ARABIC = "\u0643\u062a\u0627\u0628 \u062c\u062f\u064a\u062f"
GIVEN = "Campanula rotundifo1ia L.\nDry grassland above the quany, 640 m"
RIGHT = "Campanula rotundifolia L.\nDry grassland above the quarry, 640 m"
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


class TextServer(DeskServer):
    """A desk of items to write about. start: the text each item comes with; earlier: this person's answer before."""

    def __init__(self, *, media: str = "text", start: str | None = None, **asks: Any) -> None:
        super().__init__(media=media, task="text")
        self.classes, self.asks, self.start = [], asks, start
        self.earlier: dict[str, Any] | None = None

    def item(self, number: int) -> dict[str, Any]:
        given = {} if self.start is None else {"start": {"text": self.start}}
        return super().item(number) | given | ({"earlier": self.earlier} if self.earlier else {})

    @property
    def texts(self) -> list[str | None]:
        """The text of each stored answer, after the server's own check; None for a skip."""
        for value in self.values:
            if value is not None:
                Text().check_value(value, TaskConfig(()), Content())
        return [value and value["text"] for value in self.values]


@pytest.fixture
def server() -> TextServer:
    return TextServer()


def field(page: Page) -> Any:
    return page.locator("#text-field")


def standing_on(page: Page, number: int) -> None:
    """Wait until an item is painted."""
    expect(page.locator("[data-part=live]")).to_contain_text(f"Item {number}.")


def refused(page: Page) -> Any:
    return page.locator("[data-part=refusal]")


def changes(page: Page) -> str:
    """Return the changes as shown, taken out in [-…-], put in in {+…+}."""
    shown: str = page.locator("[data-text=diff]").evaluate(
        """p => [...p.childNodes].map((node) => {
          const text = node.querySelector?.("bdi").textContent ?? node.textContent;
          return { DEL: `[-${text}-]`, INS: `{+${text}+}` }[node.nodeName] ?? text;
        }).join("")"""
    )
    return shown


def test_a_text_is_typed_with_lines_and_submitted_by_control_and_enter(page: Page, server: TextServer) -> None:
    open_desk(page, server)
    expect(field(page)).to_be_focused()
    page.keyboard.type("Good day,\n  second line")
    page.keyboard.press("Control+Enter")
    standing_on(page, 2)
    expect(field(page)).to_be_focused()
    expect(field(page)).to_have_value("")
    page.keyboard.type("next")
    page.keyboard.press("Meta+Enter")
    standing_on(page, 3)
    all_sent(page)
    assert server.texts == ["Good day,\n  second line", "next"]
    assert [one["input"] for one in server.answers.values()] == ["key", "key"]
    expect(page.locator("[data-part=live]")).to_have_text("Item 3. Saved 2 as next.")


def test_enter_submits_where_an_answer_is_one_line(page: Page) -> None:
    server = TextServer(one_line=True)
    open_desk(page, server)
    page.keyboard.type("a caption")
    page.keyboard.press("Enter")
    standing_on(page, 2)
    all_sent(page)
    assert server.texts == ["a caption"]
    expect(page.locator("[data-do=submit]")).to_have_attribute("aria-keyshortcuts", "Enter")


def test_the_keys_of_the_page_are_letters_while_typing_and_act_after_escape(page: Page, server: TextServer) -> None:
    open_desk(page, server)
    page.keyboard.type("sfzjkg?c/.-+1 ")
    expect(field(page)).to_have_value("sfzjkg?c/.-+1 ")
    expect(page.locator("[data-part=number]")).to_have_text("Item 1")
    page.keyboard.press("Escape")
    expect(page.locator("[data-text=desk]")).to_be_focused()
    page.keyboard.press("f")
    expect(page.locator("[data-do=unsure]")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("e")
    expect(field(page)).to_be_focused()
    page.keyboard.type("!")
    expect(field(page)).to_have_value("sfzjkg?c/.-+1 !")
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    standing_on(page, 2)
    expect(field(page)).not_to_be_focused()
    page.keyboard.press("s")  # the next letter is a key again, and no text
    standing_on(page, 3)
    all_sent(page)
    assert server.texts == [None, None]


def test_enter_outside_the_field_submits_too(page: Page, server: TextServer) -> None:
    open_desk(page, server)
    page.keyboard.type("done")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    standing_on(page, 2)
    page.keyboard.type("again")
    page.get_by_role("button", name="Zoom in").click()
    page.keyboard.press("Control+Enter")
    standing_on(page, 3)
    all_sent(page)
    assert server.texts == ["done", "again"]


def test_a_held_control_and_enter_submits_one_item(page: Page, server: TextServer) -> None:
    open_desk(page, server)
    page.keyboard.type("once")
    page.keyboard.down("Control")
    page.keyboard.down("Enter")
    standing_on(page, 2)
    page.keyboard.down("Enter")
    page.keyboard.down("Enter")
    expect(refused(page)).to_be_hidden()
    page.keyboard.up("Control")
    all_sent(page)
    assert server.texts == ["once"]


def test_enter_that_ends_a_composition_never_submits(page: Page) -> None:
    server = TextServer(one_line=True)
    open_desk(page, server)
    session = page.context.new_cdp_session(page)
    session.send("Input.imeSetComposition", {"text": "\u6771\u4eac", "selectionStart": 2, "selectionEnd": 2})
    field(page).evaluate(
        """field => {
          const key = { key: "Enter", code: "Enter", bubbles: true, cancelable: true };
          field.dispatchEvent(new KeyboardEvent("keydown", { ...key, isComposing: true }));
          field.dispatchEvent(new KeyboardEvent("keydown", { ...key, isComposing: true, ctrlKey: true }));
          field.dispatchEvent(new KeyboardEvent("keydown", { ...key, key: "Process", keyCode: 229 }));
          field.dispatchEvent(new KeyboardEvent("keydown", { ...key, keyCode: 229 }));
          const escape = { key: "Escape", bubbles: true, cancelable: true, isComposing: true };
          field.dispatchEvent(new KeyboardEvent("keydown", escape));
        }"""
    )
    expect(page.locator("[data-part=number]")).to_have_text("Item 1")
    expect(field(page)).to_be_focused()
    session.send("Input.insertText", {"text": "\u6771\u4eac\u90fd"})
    expect(field(page)).to_have_value("\u6771\u4eac\u90fd")
    page.keyboard.press("Enter")
    standing_on(page, 2)
    all_sent(page)
    assert server.texts == ["\u6771\u4eac\u90fd"]


def test_an_empty_field_is_refused_in_words_and_nothing_to_write_is_an_answer(page: Page, server: TextServer) -> None:
    open_desk(page, server)
    page.keyboard.type("  \n ")
    page.keyboard.press("Control+Enter")
    expect(refused(page)).to_contain_text("Nothing is typed yet.")
    expect(page.locator("[data-part=number]")).to_have_text("Item 1")
    page.keyboard.type("x")
    expect(refused(page)).to_be_hidden()
    page.get_by_role("button", name="Nothing to write").click()
    standing_on(page, 2)
    expect(field(page)).to_be_focused()
    page.locator("[data-do=undo]").click()
    standing_on(page, 1)
    expect(page.locator("[data-text=none]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-part=given]")).to_contain_text("Your answer: No text.")
    page.keyboard.press("Control+Enter")
    standing_on(page, 2)
    expect(page.locator("[data-text=none]")).to_have_attribute("aria-pressed", "false")
    all_sent(page)
    assert server.texts == ["", ""]


def test_a_text_outside_the_limits_is_refused_in_words(page: Page) -> None:
    server = TextServer(min_length=3, max_length=5)
    open_desk(page, server)
    expect(page.locator("[data-text=none]")).to_have_count(0)
    page.keyboard.type("ab")
    expect(page.locator("[data-text=count]")).to_have_text("Characters: 2 of 5")
    page.keyboard.press("Control+Enter")
    expect(refused(page)).to_contain_text("The text is too short: 2 of at least 3 characters.")
    page.keyboard.insert_text("cd\N{GRINNING FACE}f")
    expect(page.locator("[data-text=count]")).to_contain_text("Characters: 6 of 5 · Too long by 1")
    expect(page.locator("[data-do=submit]")).to_contain_text("Too long by 1")
    page.keyboard.press("Control+Enter")
    expect(refused(page)).to_contain_text("The text is too long: 6 of at most 5 characters.")
    expect(field(page)).to_have_value("abcd\N{GRINNING FACE}f")  # nothing of it is cut off
    page.keyboard.press("Backspace")
    page.keyboard.press("Control+Enter")
    standing_on(page, 2)
    all_sent(page)
    assert server.texts == ["abcd\N{GRINNING FACE}"]


def test_a_control_character_is_marked_and_refused(page: Page, server: TextServer) -> None:
    open_desk(page, server)
    field(page).fill("page one\x0cpage two")
    page.keyboard.press("Control+Enter")
    expect(refused(page)).to_contain_text("The marked character (U+000C)")
    page.keyboard.type(" ")
    page.keyboard.press("Control+Enter")
    standing_on(page, 2)
    all_sent(page)
    assert server.texts == ["page one page two"]


def test_a_given_text_is_corrected_and_the_changes_are_shown(page: Page) -> None:
    server = TextServer(start=GIVEN)
    open_desk(page, server)
    expect(field(page)).to_have_value(GIVEN)
    assert field(page).evaluate("field => field.selectionStart") == 0
    expect(page.locator("[data-text=unchanged]")).to_be_visible()
    expect(page.locator("[data-text=again]")).to_be_disabled()
    field(page).fill(RIGHT)
    expect(page.locator("[data-text=diff]")).to_be_visible()
    assert changes(page) == RIGHT.replace("folia", "fo[-1-]{+l+}ia").replace("quarry", "qua[-n-]{+rr+}y")
    page.keyboard.press("Control+Enter")
    standing_on(page, 2)
    page.keyboard.press("Control+Enter")  # unchanged is an answer: the given text is right
    standing_on(page, 3)
    all_sent(page)
    assert server.texts == [RIGHT, GIVEN]


def test_starting_again_can_be_taken_back(page: Page) -> None:
    server = TextServer(start="given")
    open_desk(page, server)
    page.keyboard.press("Control+A")
    page.keyboard.type("typed")
    page.get_by_role("button", name="Start again").click()
    expect(field(page)).to_have_value("given")
    page.keyboard.press("Control+Z")
    expect(field(page)).to_have_value("typed")
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    expect(field(page)).to_have_value("given")
    page.keyboard.press("Escape")
    page.keyboard.press("z")
    expect(field(page)).to_have_value("typed")
    expect(page.locator("[data-part=number]")).to_have_text("Item 1")
    page.keyboard.press("Control+Enter")
    standing_on(page, 2)
    all_sent(page)
    assert server.texts == ["typed"]


def test_the_earlier_answer_is_loaded_and_not_the_given_text(page: Page) -> None:
    server = TextServer(start="given")
    open_desk(page, server)
    page.keyboard.type("my ")
    page.keyboard.press("Control+Enter")
    standing_on(page, 2)
    page.keyboard.press("Escape")
    page.keyboard.press("z")
    standing_on(page, 1)
    expect(field(page)).to_have_value("my given")
    expect(page.locator("[data-part=given]")).to_contain_text("Your answer: my given.")
    page.keyboard.press("e")
    page.keyboard.type("!")
    page.keyboard.press("Control+Enter")
    standing_on(page, 2)
    all_sent(page)
    assert server.texts == ["my given", "my given!"]
    assert server.assignments == [1, 1]


def test_an_item_that_was_sent_back_has_its_earlier_text(page: Page, server: TextServer) -> None:
    server.earlier = {"value": {"text": "before"}, "unsure": False, "comment": ""}
    open_desk(page, server)
    expect(field(page)).to_have_value("before")


def test_a_draft_survives_a_reload_also_an_emptied_one(page: Page, server: TextServer) -> None:
    server.earlier = {"value": {"text": "before"}, "unsure": False, "comment": ""}
    open_desk(page, server)
    page.keyboard.type(" and after")
    page.reload()
    wait_for_keys(page)
    expect(field(page)).to_have_value("before and after")
    field(page).fill("")
    page.reload()
    wait_for_keys(page)
    expect(field(page)).to_have_value("")
    expect(page.locator("[data-text=none]")).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("Control+Enter")
    expect(refused(page)).to_contain_text("Nothing is typed yet.")
    assert server.answers == {}


def test_a_draft_survives_browsing(page: Page, server: TextServer) -> None:
    open_desk(page, server)
    page.keyboard.type("half a ")
    page.keyboard.press("Escape")
    page.keyboard.press("k")
    standing_on(page, 2)
    expect(field(page)).to_have_value("")
    page.keyboard.press("j")
    standing_on(page, 1)
    expect(field(page)).to_have_value("half a ")


def test_text_from_right_to_left_runs_so_also_in_the_changes(page: Page) -> None:
    server = TextServer(start=ARABIC)
    open_desk(page, server)
    direction = "node => getComputedStyle(node).direction"
    assert field(page).evaluate(direction) == "rtl"
    field(page).fill(f"{ARABIC} abc")
    expect(page.locator("[data-text=diff]")).to_be_visible()
    assert page.locator("[data-text=diff]").evaluate(direction) == "rtl"
    assert page.locator("[data-text=diff] bdi").evaluate("node => getComputedStyle(node).unicodeBidi") == "isolate"
    assert changes(page) == f"{ARABIC}{{+ abc+}}"
    field(page).fill(ARABIC[::-1].replace(" ", ""))  # now all is isolated, and no letter of it tells the paragraph
    expect(page.locator("[data-text=diff] del")).to_have_count(1)
    assert changes(page).startswith("[-")
    assert page.locator("[data-text=diff]").evaluate(direction) == "rtl"


def test_the_picture_stays_in_sight_and_its_keys_act_outside_the_field(page: Page) -> None:
    server = TextServer(media="image")
    open_desk(page, server)
    percent = page.locator("[data-part=percent]").inner_text()
    page.keyboard.type("=")
    expect(field(page)).to_have_value("=")
    page.keyboard.press("Escape")
    page.keyboard.press("=")
    expect(page.locator("[data-part=percent]")).not_to_have_text(percent)
    picture, place = page.locator("[data-part=view]").bounding_box(), field(page).bounding_box()
    assert picture
    assert place
    assert picture["width"] > 700
    assert picture["x"] + picture["width"] <= place["x"]


@pytest.mark.parametrize("height", [600, 700, 900])
def test_the_field_takes_the_height_there_is_and_then_scrolls(page: Page, height: int) -> None:
    server = TextServer(start=GIVEN * 30)
    page.set_viewport_size({"width": 1024, "height": height})
    open_desk(page, server)
    field(page).fill(RIGHT * 40)
    expect(page.locator("[data-text=diff]")).to_be_visible()
    assert field(page).evaluate("field => field.scrollHeight > field.clientHeight")
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    parts = ("label[for=text-field]", "#text-field", "#text-count", "[data-text=changes]", "[data-text=none]")
    tops, ends = [], []
    for part in (*parts, "[data-part=guide]", "[data-do=submit]"):
        box = page.locator(part).bounding_box()
        assert box
        tops.append(box["y"])
        ends.append(box["y"] + box["height"])
    if height > 600:  # below it the desk of the text scrolls
        assert all(end <= top for end, top in zip(ends, tops[1:], strict=False))
    assert ends[-1] <= height


def test_the_field_of_one_line_grows_with_its_text(page: Page) -> None:
    open_desk(page, TextServer(one_line=True))
    low = field(page).bounding_box()["height"]
    field(page).fill("a long caption " * 30)
    assert low < field(page).bounding_box()["height"]


@pytest.mark.parametrize("media", ["text", "image"])
def test_on_a_phone_everything_can_be_hit_and_nothing_hangs_over(chromium: Browser, media: str) -> None:
    context = chromium.new_context(**PHONE)
    server = TextServer(media=media, start=GIVEN)
    page = open_desk(context.new_page(), server)
    field(page).tap()
    page.keyboard.type("x")
    page.get_by_role("button", name="Start again").tap()
    expect(field(page)).to_have_value(GIVEN)
    for name in ("again", "none", "field"):
        box = page.locator(f"[data-text={name}]").bounding_box()
        assert box
        assert box["height"] >= 44, name
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []
    page.get_by_role("button", name="Submit").tap()
    standing_on(page, 2)
    page.get_by_role("button", name="Nothing to write").tap()
    standing_on(page, 3)
    all_sent(page)
    assert server.texts == [GIVEN, ""]
    assert [one["input"] for one in server.answers.values()] == ["touch", "touch"]
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wrong_for_those_who_cannot_see_or_use_a_mouse(page: Page, scheme: Any) -> None:
    server = TextServer(start=GIVEN, max_length=50)
    page.emulate_media(color_scheme=scheme)
    open_desk(page, server)
    field(page).fill(RIGHT)
    expect(page.locator("[data-text=diff]")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(refused(page)).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("[data-dialog=keys]")).to_be_visible()
    assert violations(page) == []


SAMPLES = [
    ("", ""),
    ("", "new"),
    ("old", " "),
    ("a  b\n", "a b"),
    (GIVEN, RIGHT),
    ("the cat", "the dog"),
    ("a b c", "a c"),
    (ARABIC, ARABIC[:-1]),
    ("\u6771\u4eac\u90fd\u6c11", "\u6771\u4eac\u5e02\u6c11"),
    ("caf\u00e9", "cafe\u0301"),
    ("\u0e01\u0e34\u0e19", "\u0e01\u0e34\u0e07"),
    ("\u0e01\u0e34\u0e19", "\u0e01\u0e35\u0e19"),
    ("a\U0001f44d\U0001f3fdb", "a\U0001f44db"),
    ("a\U0001f469\u200d\U0001f4bbb", "a\U0001f469b"),
    ("one two three four", "one 2 three for"),
    ("word " * 30, "word " * 29 + "sword"),
]


def test_the_browser_finds_the_changes_that_the_server_finds(page: Page, server: TextServer) -> None:
    open_desk(page, server)
    found = page.evaluate(
        """async (pairs) => {
          const { differences } = await import("/static/task_types/text/changes.mjs");
          return pairs.map((pair) => differences(...pair).map(({ kind, text }) => [kind, text]));
        }""",
        SAMPLES,
    )
    assert found == [[list(one) for one in differences(*pair).runs] for pair in SAMPLES]


def test_a_long_text_rewritten_is_compared_without_a_pause(page: Page, server: TextServer) -> None:
    open_desk(page, server)
    kinds = run(
        page,
        """const { differences } = await import("/static/task_types/text/changes.mjs");
        const older = "same " + Array.from({ length: 9000 }, (_, n) => `a${n}`).join(" ");
        const newer = "same " + Array.from({ length: 9000 }, (_, n) => `b${n}`).join(" ");
        return differences(older, newer).map(({ kind }) => kind);""",
    )
    assert kinds == ["same", "removed", "added"]
