"""Twin tests of the workspace's modules, each by itself in a blank page.

Note: no test waits for a time to pass; clocks and delays are arguments of the modules.
"""

import json

import pytest
from playwright.sync_api import Page

from tests.browser.desk_server import DeskServer, run

pytestmark = pytest.mark.browser


@pytest.fixture
def module(page: Page) -> Page:
    server = DeskServer()
    server.attach(page)
    page.goto(f"{server.origin}/blank")
    return page


def test_undo_walks_back_in_the_order_of_answers_and_redo_returns(module: Page) -> None:
    steps = run(
        module,
        """const { Timeline } = await import("/static/web/workspace/desk/timeline.mjs");
        const line = new Timeline(10);
        const [a, b, c] = line.add([1, 2, 3].map((assignment) => ({ assignment })));
        for (const entry of [a, b]) { line.stand(entry); line.answer(entry, { value: 1 }); }
        line.stand(c);
        const seen = [];
        for (const step of ["undo", "undo", "undo", "redo", "redo", "redo"]) {
          const entry = line[step]();
          if (entry) line.stand(entry);
          seen.push(entry?.number ?? null);
        }
        return seen;""",
    )
    assert steps == [12, 11, None, 12, 13, None]


def test_items_passed_over_come_back_after_the_others(module: Page) -> None:
    order = run(
        module,
        """const { Timeline } = await import("/static/web/workspace/desk/timeline.mjs");
        const line = new Timeline(0);
        line.add([1, 2, 3].map((assignment) => ({ assignment })));
        line.stand(line.entries[1]);
        return line.ahead(9).map((entry) => entry.number);""",
    )
    assert order == [3, 1]


def test_only_fifty_answers_are_remembered(module: Page) -> None:
    kept = run(
        module,
        """const { Timeline } = await import("/static/web/workspace/desk/timeline.mjs");
        const line = new Timeline(0);
        line.add(Array.from({ length: 70 }, (_, assignment) => ({ assignment })));
        for (const entry of [...line.entries]) { line.stand(entry); line.answer(entry, { value: 1 }); }
        return [line.entries.length, line.last().number];""",
    )
    assert kept == [50, 70]


@pytest.mark.parametrize(
    ("key", "code", "shift", "command"),
    [
        ("z", "KeyZ", False, "undo"),
        ("Z", "KeyZ", True, "redo"),
        ("z", "KeyY", False, "undo"),  # a German keyboard: by letter
        ("я", "KeyZ", False, "undo"),  # a Russian keyboard: by position
        ("?", "Slash", True, "keys"),
        ("/", "Digit7", True, "find"),
        ("m", "KeyM", False, None),
    ],
)
def test_commands_go_by_letter_and_by_position_without_latin_letters(
    module: Page,
    key: str,
    code: str,
    shift: bool,  # noqa: FBT001 - a parameter of the table above
    command: str | None,
) -> None:
    event = json.dumps({"key": key, "code": code, "shiftKey": shift})
    found = run(module, f'return (await import("/static/web/shared/keys/keys.mjs")).command_of({event});')
    assert found == command


def test_answers_go_by_position_of_the_key(module: Page) -> None:
    found = run(
        module,
        """const { position_in, position_of } = await import("/static/web/shared/keys/keys.mjs");
        return [position_of("q") === position_in({ code: "KeyQ", key: "a", shiftKey: false }),
                position_of("1") === position_in({ code: "Numpad1", key: "1", shiftKey: false }),
                position_of("shift+1") === position_in({ code: "Digit1", key: "!", shiftKey: true }),
                position_of("")];""",
    )
    assert found == [True, True, True, ""]


def test_active_time_needs_attention_and_an_input_within_a_minute(module: Page) -> None:
    seconds = run(
        module,
        """const { ActiveTime } = await import("/static/web/shared/sending/active_time.mjs");
        let now = 0, attentive = true;
        const clock = new ActiveTime({ now: () => now, attentive: () => attentive });
        const seen = [];
        now = 5000; seen.push(clock.seconds());
        now = 300000; seen.push(clock.seconds());
        clock.input(); now = 310000; attentive = false; clock.changed(); seen.push(clock.seconds());
        now = 320000; attentive = true; clock.changed(); now = 321000; seen.push(clock.seconds());
        clock.start(); now = 322000; seen.push(clock.seconds());
        return seen;""",
    )
    assert seconds == [5, 60, 70, 71, 1]


def test_finding_a_class_prefers_how_it_begins(module: Page) -> None:
    ranks = run(
        module,
        """const { fit } = await import("/static/web/shared/choosing/find_class.mjs");
        return [["Glass", "gl"], ["Broken glass", "gl"], ["Fibreglass", "gl"], ["Garden tool", "gl"], ["Paper", "gl"]]
          .map(([name, typed]) => fit(name, typed));""",
    )
    assert ranks == [0, 1, 2, 3, -1]


def test_no_pace_is_claimed_from_too_few_answers(module: Page) -> None:
    told = run(
        module,
        """const { estimate } = await import("/static/web/workspace/telling/progress.mjs");
        return [estimate([2, 2], 100), estimate([2, 2, 2, 2, 2], 90), estimate([2, 2, 2, 2, 2], 0)];""",
    )
    assert told == [None, {"minutes": 3, "pace": 30}, None]


def test_the_outbox_keeps_the_order_and_sets_refused_answers_aside(module: Page) -> None:
    kept = run(
        module,
        """const { openOutbox } = await import("/static/web/shared/sending/outbox.mjs");
        const outbox = await openOutbox("order");
        for (const key of ["a", "b", "c"]) await outbox.put({ key, project: key === "c" ? "other" : "one" });
        const batch = await outbox.oldest(20);
        await outbox.settle([batch[0].order], [{ record: batch[1], reason: "no" }]);
        const refused = await outbox.refused();
        const keys = (list) => list.map((one) => one.key);
        return [keys(batch), keys(await outbox.all()), refused.map((one) => [one.key, one.reason])];""",
    )
    assert kept == [["a", "b"], ["c"], [["b", "no"]]]


def test_another_person_on_this_device_does_not_see_the_outbox(module: Page) -> None:
    counts = run(
        module,
        """const { openOutbox } = await import("/static/web/shared/sending/outbox.mjs");
        const [ann, bob] = [await openOutbox("ann"), await openOutbox("bob")];
        await ann.put({ key: "a", project: "one" });
        return [await ann.waiting(), await bob.waiting()];""",
    )
    assert counts == [1, 0]


def test_a_batch_refused_as_a_whole_is_sent_one_by_one(module: Page) -> None:
    seen = run(
        module,
        """const { openOutbox } = await import("/static/web/shared/sending/outbox.mjs");
        const { startSender } = await import("/static/web/shared/sending/sender.mjs");
        const outbox = await openOutbox("single");
        for (const key of ["a", "bad", "c"]) await outbox.put({ key, project: "one" });
        const sizes = [];
        const post = async (path, list) => {
          sizes.push(list.length);
          if (list.some((one) => one.key === "bad")) return { status: 422, data: { detail: "Unknown class" } };
          return { status: 200, data: list.map(({ key }) => ({ key, status: "created" })) };
        };
        const state = await new Promise((report) => startSender({
          outbox, api: { post }, user: "single", settled() {}, report: (one) => one === "sending" || report(one),
        }).wake());
        return [state, sizes, (await outbox.refused()).map((one) => [one.key, one.reason])];""",
    )
    assert seen == ["saved", [3, 1, 1, 1], [["bad", "Unknown class"]]]


def test_waiting_grows_from_one_to_thirty_seconds_while_the_server_is_away(module: Page) -> None:
    waits = run(
        module,
        """const { startSender } = await import("/static/web/shared/sending/sender.mjs");
        const waits = [];
        const outbox = { oldest: async () => [{ order: 1, key: "a", project: "one" }] };
        await new Promise((done) => startSender({
          outbox, user: "slow", api: { post: async () => ({ status: 0 }) }, report() {}, settled() {},
          later: (again, ms) => { waits.push(ms / 1000); if (waits.length < 7) again(); else done(); },
        }).wake());
        return waits.map(Math.round);""",
    )
    assert [round(wait) for wait in waits[:2]] == [1, 2]
    assert all(27 <= wait <= 33 for wait in waits[-2:])
