"""Keys of a person's own: off, changed, on other keyboards, in another browser; and favourites among many classes.

Note: an answer lies on a position of the keyboard and a command on a letter, so the same press
can be either, depending on the layout.
"""

import json
import string

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.desk_server import DeskServer, all_sent, answer, open_desk, run

pytestmark = pytest.mark.browser


@pytest.fixture
def server() -> DeskServer:
    return DeskServer()


@pytest.fixture
def module(page: Page) -> Page:
    server = DeskServer()
    server.attach(page)
    page.goto(f"{server.origin}/blank")
    return page


def rebind(page: Page, action: str, key: str) -> None:
    """Open the list of keys, give an action another key and close it."""
    page.keyboard.press("?")
    page.locator(f"[data-action='{action}'] [data-rebind]").click()
    page.keyboard.press(key)
    page.keyboard.press("Escape")


def key_of(page: Page, action: str) -> str:
    """Return the key that the list names for an action."""
    return page.locator(f"[data-action='{action}'] kbd").text_content() or ""


def looks(page: Page) -> str:
    """Return everything of the page that a key could change, as text."""
    found = page.evaluate(
        """() => [document.querySelector("[data-workspace]").outerHTML.replace(/data-open="[^"]*"/, ""),
                  document.activeElement.outerHTML.slice(0, 200)].join()"""
    )
    return str(found)


@pytest.mark.parametrize("task", ["classification", "multilabel"])
def test_with_single_keys_off_no_letter_digit_or_sign_changes_anything(page: Page, task: str) -> None:
    server = DeskServer(task=task)
    server.own_keys["single_keys"] = False
    open_desk(page, server)
    expect(page.locator("[data-part=state]")).to_contain_text("ready offline")
    before = looks(page)
    for key in [*string.ascii_lowercase, *string.ascii_uppercase, *string.digits, *"=-.,/?[]\\!@;'"]:
        page.keyboard.press(key)
    assert looks(page) == before
    assert server.answers == {}


def test_the_switch_holds_after_a_reload_and_in_another_browser(
    page: Page, chromium: Browser, server: DeskServer
) -> None:
    open_desk(page, server)
    page.keyboard.press("?")
    with page.expect_response("**/web.save_keys"):
        page.get_by_label("Single keys act").uncheck()
    page.keyboard.press("Escape")
    expect(page.locator("[data-do=undo] kbd")).to_be_hidden()
    assert page.locator("[data-do=undo]").first.get_attribute("aria-keyshortcuts") is None
    other = chromium.new_context()
    for one in (page, other.new_page()):
        open_desk(one, server)
        one.keyboard.press("1")
        expect(one.locator("[data-part=number]")).to_have_text("Item 1")
        one.get_by_role("button", name="Keys").first.click()
        expect(one.get_by_label("Single keys act")).not_to_be_checked()
    other.close()


def test_enter_arrows_and_space_still_act_with_single_keys_off(page: Page) -> None:
    server = DeskServer(task="multilabel")
    server.own_keys["single_keys"] = False
    open_desk(page, server)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator("[data-part=live]")).to_have_text("Item 2. Saved 1 as Plastic bottle.")


def test_a_changed_key_acts_shows_and_follows_the_person(page: Page, chromium: Browser, server: DeskServer) -> None:
    open_desk(page, server)
    with page.expect_response("**/web.save_keys"):
        rebind(page, "undo", "m")
    assert server.own_keys == {"keys": {"undo": "m"}, "single_keys": True}
    other = chromium.new_context()
    for number, one in enumerate((page, other.new_page()), 1):
        open_desk(one, server)
        assert one.locator("kbd[data-command=undo]").all_text_contents() == ["M", "M", "M"]
        assert one.locator(".acts [data-do=undo]").get_attribute("aria-keyshortcuts") == "M"
        answer(one, "2", first=number)
        expect(one.locator("[data-part=live]")).to_contain_text(f"Item {number + 1}.")
        one.keyboard.press("z")  # means nothing any more
        expect(one.locator("[data-part=number]")).to_have_text(f"Item {number + 1}")
        one.keyboard.press("m")
        expect(one.locator("[data-part=number]")).to_have_text(f"Item {number}")
        all_sent(one)
    other.close()


def test_an_answer_can_lie_on_another_key(page: Page, server: DeskServer) -> None:
    open_desk(page, server)
    rebind(page, "answer-2", "m")
    expect(page.locator("[data-label=Glass] kbd")).to_have_text("M")
    page.keyboard.press("2")
    expect(page.locator("[data-part=number]")).to_have_text("Item 1")
    answer(page, "m")
    expect(page.locator("[data-part=live]")).to_have_text("Item 2. Saved 1 as Glass.")


def test_a_clash_is_named_and_must_be_solved(page: Page, server: DeskServer) -> None:
    open_desk(page, server)
    page.keyboard.press("?")
    page.locator("[data-action=skip] [data-rebind]").click()
    page.keyboard.press("z")
    expect(page.locator("[data-part=clash]")).to_contain_text("Z is the key of “Undo; back to the answer before”.")
    assert key_of(page, "undo") == "Z"
    page.get_by_role("button", name="Swap the two").click()
    assert (key_of(page, "skip"), key_of(page, "undo")) == ("Z", "S")
    page.keyboard.press("Escape")
    answer(page, "z")
    expect(page.locator("[data-part=live]")).to_contain_text("Skipped 1.")
    page.keyboard.press("s")
    expect(page.locator("[data-part=number]")).to_have_text("Item 1")


def test_escape_keeps_the_old_key_backspace_takes_it_off_and_reset_brings_all_back(
    page: Page, server: DeskServer
) -> None:
    open_desk(page, server)
    page.keyboard.press("?")
    button = page.locator("[data-action=skip] [data-rebind]")
    button.press("Enter")
    page.keyboard.press("z")
    page.keyboard.press("Escape")
    assert (key_of(page, "skip"), page.locator("[data-dialog=keys]").is_visible()) == ("S", True)
    expect(page.locator("[data-part=clash]")).to_be_hidden()
    button.press("Enter")
    page.keyboard.press("ArrowUp")
    expect(page.locator("[data-part=clash]")).to_contain_text("Only letters, digits and signs")
    page.keyboard.press("Backspace")
    assert key_of(page, "skip") == ""
    expect(button).to_be_focused()
    page.get_by_role("button", name="Reset all keys").click()
    assert key_of(page, "skip") == "S"
    assert server.own_keys["keys"] == {}


def test_a_key_changed_offline_holds_and_reaches_the_account_later(page: Page, server: DeskServer) -> None:
    open_desk(page, server)
    server.mode = "offline"
    rebind(page, "skip", "m")
    expect(page.locator("kbd[data-command=skip]").first).to_have_text("M")
    assert server.own_keys["keys"] == {}
    server.mode = "ok"
    with page.expect_response("**/web.save_keys"):
        open_desk(page, server)
    expect(page.locator("kbd[data-command=skip]").first).to_have_text("M")
    assert server.own_keys["keys"] == {"skip": "m"}


def test_two_tabs_have_the_same_keys_at_once(page: Page, server: DeskServer) -> None:
    open_desk(page, server)
    other = open_desk(page.context.new_page(), server)
    rebind(page, "skip", "m")
    expect(other.locator("kbd[data-command=skip]").first).to_have_text("M")


TYPED = [
    # layout, key, code, shift, what is asked, what it means
    ("QWERTY", "z", "KeyZ", False, "command", "undo"),
    ("QWERTY", "2", "Digit2", False, "answer", "2"),
    ("QWERTY", "!", "Digit1", True, "answer", "shift+1"),
    ("AZERTY", "a", "KeyQ", False, "answer", "q"),
    ("AZERTY", "é", "Digit2", False, "answer", "2"),
    ("AZERTY", "z", "KeyW", False, "answer", "w"),
    ("AZERTY", "w", "KeyZ", False, "command", "undo"),  # Z lies on an answer there, so undo stays where Z is elsewhere
    ("AZERTY", "W", "KeyZ", True, "command", "redo"),
    ("AZERTY", "s", "KeyS", False, "command", "skip"),
    ("QWERTZ", "z", "KeyY", False, "command", "undo"),
    ("QWERTZ", "/", "Digit7", True, "command", "find"),
    ("QWERTZ", "ü", "BracketLeft", False, "command", "darker"),
    ("Cyrillic", "я", "KeyZ", False, "command", "undo"),
    ("Cyrillic", "Я", "KeyZ", True, "command", "redo"),
    ("Cyrillic", "й", "KeyQ", False, "answer", "q"),
    ("Cyrillic", "ы", "KeyS", False, "command", "skip"),
    ("Cyrillic", "ю", "Period", False, "command", "fit"),
    ("Hebrew", "ד", "KeyS", False, "command", "skip"),
    ("Arabic", "س", "KeyS", False, "command", "skip"),
    ("number pad", "3", "Numpad3", False, "answer", "3"),
]


@pytest.mark.parametrize(("layout", "key", "code", "shift", "asked", "meaning"), TYPED)
def test_every_keyboard_layout_reaches_answers_and_commands(  # noqa: PLR0917 - the columns of the table above
    module: Page,
    layout: str,
    key: str,
    code: str,
    shift: bool,  # noqa: FBT001
    asked: str,
    meaning: str,
) -> None:
    event = json.dumps({"key": key, "code": code, "shiftKey": shift})
    found = run(
        module,
        f"""const {{ answer_of, command_of, use_keys }} = await import("/static/web/shared/keys/keys.mjs");
        use_keys({{}}, [..."1234567890qwertyuiop"].slice(0, 12)); // twelve classes
        const event = {event};
        return {{ answer: answer_of(event), command: command_of(event) }};""",
    )
    assert found[asked] == meaning, layout


def test_on_qwertz_a_letter_without_a_command_means_nothing(module: Page) -> None:
    found = run(
        module,
        """const { command_of, use_keys } = await import("/static/web/shared/keys/keys.mjs");
        const event = { key: "y", code: "KeyZ", shiftKey: false };
        use_keys({}, ["1", "2"]);
        const few = command_of(event);
        use_keys({}, [..."1234567890qwertyuiop"]);
        return [few, command_of(event)];""",
    )
    assert found == [None, "undo"]  # with twenty classes Z is the sixteenth answer there


def test_hints_are_what_this_keyboard_prints(module: Page) -> None:
    found = run(
        module,
        """const { hint_of, learn_layout } = await import("/static/web/shared/keys/hints.mjs");
        const before = [hint_of("answer-q"), hint_of("redo")];
        await learn_layout({ getLayoutMap: async () => new Map([["KeyQ", "a"], ["Digit1", "&"]]) });
        return [before, [hint_of("answer-q"), hint_of("redo")]];""",
    )
    assert found == [["Q", "⇧Z"], ["A", "⇧Z"]]


def test_a_pressed_modifier_is_no_key(page: Page, server: DeskServer) -> None:
    open_desk(page, server)
    page.keyboard.press("?")
    page.locator("[data-action=skip] [data-rebind]").click()
    page.keyboard.press("Shift+M")
    assert key_of(page, "skip") == "⇧M"
    page.keyboard.press("Escape")
    expect(page.locator("[data-part=live]")).to_contain_text("Item 1.")
    page.keyboard.press("Shift+M")
    expect(page.locator("[data-part=live]")).to_contain_text("Skipped 1.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390, 320])
def test_the_list_of_keys_has_no_accessibility_violation(chromium: Browser, scheme: str, width: int) -> None:
    context = chromium.new_context(
        viewport={"width": width, "height": 844},
        color_scheme="dark" if scheme == "dark" else "light",
        bypass_csp=True,
    )
    page = open_desk(context.new_page(), DeskServer(task="multilabel"))
    page.keyboard.press("?")
    page.locator("[data-action=skip] [data-rebind]").click()
    page.keyboard.press("z")
    results = Axe().run(page)
    dialog = page.locator("[data-dialog=keys]")
    wide = dialog.evaluate("dialog => dialog.scrollWidth > dialog.clientWidth")
    context.close()
    assert results.violations_count == 0, results.generate_report()
    assert not wide


def many(server: DeskServer) -> DeskServer:
    """Give a project sixty classes."""
    server.classes = [f"class {at:02}" for at in range(1, 61)]
    return server


def test_favourites_take_the_digits_and_keep_them(module: Page) -> None:
    found = run(
        module,
        """const { next_slots } = await import("/static/web/workspace/favourites.mjs");
        const first = next_slots([], {}, 60);
        const used = next_slots(first, { 40: 3, 25: 1 }, 60);
        return [first, used, next_slots(used, { 40: 3, 25: 1, 7: 9 }, 60)];""",
    )
    assert found == [
        list(range(1, 11)),
        [1, 2, 3, 4, 5, 6, 7, 8, 40, 25],
        [1, 2, 3, 4, 5, 6, 7, 8, 40, 25],
    ]


def test_what_is_used_most_stands_first_from_the_next_visit_on(page: Page, server: DeskServer) -> None:
    open_desk(page, many(server))
    assert page.locator("[data-choices] [data-label]").count() == 60
    page.keyboard.press("/")
    page.keyboard.type("47")
    page.keyboard.press("Enter")  # four keys
    expect(page.locator("[data-part=live]")).to_have_text("Item 2. Saved 1 as class 47.")
    assert page.locator("[data-choices] [data-label]").first.get_attribute("data-label") == "class 01"
    all_sent(page)
    open_desk(page, server)
    favourites = page.locator(".choice.favourite")
    assert favourites.count() == 10
    expect(favourites.last).to_have_attribute("data-label", "class 47")
    expect(favourites.last.locator("kbd")).to_have_text("0")
    answer(page, "0", first=2)
    expect(page.locator("[data-part=live]")).to_have_text("Item 3. Saved 2 as class 47.")
    stored = page.evaluate("localStorage.getItem('labeler-used-7-sorting')")
    assert "class" not in stored


def test_favourites_switch_labels_too(page: Page) -> None:
    server = many(DeskServer(task="multilabel"))
    open_desk(page, server)
    for key in "12":
        page.keyboard.press(key)
    page.keyboard.press("/")
    page.keyboard.type("c33")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator("[data-part=live]")).to_contain_text("Item 2.")
    all_sent(page)
    assert server.values == [{"labels": ["class 01", "class 02", "class 33"]}]
