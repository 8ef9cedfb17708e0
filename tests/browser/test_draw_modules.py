"""Twin tests of the modules that draw, each by itself in a blank page, against what the server takes."""

import json
import random
from typing import Any

import pytest
from playwright.sync_api import Page

from labeler.task_types.base import Content, TaskConfig
from labeler.task_types.geometry import area, iou_of_boxes
from labeler.task_types.outline import crosses_itself
from labeler.task_types.registry import TASK_TYPES
from tests.browser.desk_server import DeskServer, run

pytestmark = pytest.mark.browser
SIZE = {"width": 60, "height": 40}
CAT = TaskConfig(classes=("cat",))


@pytest.fixture
def module(page: Page) -> Page:
    server = DeskServer()
    server.attach(page)
    page.goto(f"{server.origin}/blank")
    return page


def outlines(count: int) -> list[list[list[int]]]:
    """Return outlines on a small grid, so that corners often lie on edges and edges on each other."""
    chance = random.Random(5)
    return [[[chance.randrange(6), chance.randrange(6)] for _ in range(chance.randrange(3, 8))] for _ in range(count)]


def test_outlines_are_refused_exactly_where_the_server_refuses_them(module: Page) -> None:
    made = [
        points
        for points in outlines(3_000)
        if all(a != b for a, b in zip(points, points[1:] + points[:1], strict=True))
    ]
    found = run(
        module,
        f"""const {{ polygons }} = await import("/static/task_types/polygons/polygons.mjs");
        return {json.dumps(made)}.map((points) => polygons.crossing({{ points }}) !== null);""",
    )
    refused = [crosses_itself(points) for points in made]
    assert found == refused
    assert 100 < sum(refused) < len(refused) - 100


def test_the_crossing_that_is_shown_lies_on_both_edges(module: Page) -> None:
    mark = run(
        module,
        """const { polygons } = await import("/static/task_types/polygons/polygons.mjs");
        const bow = { points: [[0, 0], [10, 10], [10, 0], [0, 10]] };
        return [polygons.crossing(bow), polygons.crossing(bow, [1]), polygons.crossing(bow, [])];""",
    )
    edges = [[[0, 0], [10, 10]], [[10, 0], [0, 10]]]
    assert mark == [{"at": [5, 5], "edges": edges}, None, None]


@pytest.mark.parametrize("kind", ["boxes", "polygons"])
def test_whatever_is_done_to_a_shape_the_server_takes_it(module: Page, kind: str) -> None:
    shape = {"label": "cat", "x": 10, "y": 10, "width": 20.3, "height": 5.1}
    roof = {"label": "cat", "points": [[10, 10], [30.3, 10], [30.3, 15.1], [9.7, 15]]}
    chance = random.Random(7)
    work = [
        [
            chance.choice(["pull", "move", "stretch"]),
            chance.randrange(4),
            chance.uniform(-90, 90),
            chance.uniform(-90, 90),
        ]
        for _ in range(2_000)
    ]
    values: list[dict[str, Any]] = run(
        module,
        f"""const {{ {kind}: tool }} = await import("/static/task_types/{kind}/{kind}.mjs");
        const size = {json.dumps(SIZE)};
        let shape = tool.read({json.dumps(shape if kind == "boxes" else roof)});
        return {json.dumps(work)}.map(([name, handle, x, y]) => {{
          const next = name === "pull" ? tool.pull(shape, handle, [x, y], size) : tool[name](shape, [x, y], size);
          if (!tool.too_small(next) && !tool.crossing?.(next)) shape = next;
          return tool.write(shape);
        }});""",
    )
    task, content = TASK_TYPES[kind], Content(width=SIZE["width"], height=SIZE["height"])
    for value in values:
        assert task.check_value({kind: [value]}, CAT, content)
        rows = value["points"] if kind == "polygons" else [[value[side] for side in ("x", "y", "width", "height")]]
        numbers = [number for row in rows for number in row]
        assert all(number == round(number, 1) for number in numbers)
    assert len({json.dumps(value) for value in values}) > 200


def test_a_polygon_without_an_area_is_too_small(module: Page) -> None:
    made = [points for points in outlines(400) if not crosses_itself(points)]
    found = run(
        module,
        f"""const {{ polygons }} = await import("/static/task_types/polygons/polygons.mjs");
        return {json.dumps(made)}.map((points) => polygons.too_small({{ points }}));""",
    )
    assert found == [area(points) < 1 for points in made]


def test_nearly_equal_boxes_of_one_class_are_named_once(module: Page) -> None:
    boxes = [["cat", 0, 100], ["cat", 1, 100], ["dog", 1, 100], ["cat", 50, 100], ["cat", 0, 101]]
    found = run(
        module,
        f"""const {{ boxes }} = await import("/static/task_types/boxes/boxes.mjs");
        const made = {json.dumps(boxes)}
          .map(([label, x, width]) => boxes.read({{ label, x, y: 0, width, height: 10 }}));
        return [boxes.twins(made), boxes.overlap(made[0], made[1])];""",
    )
    assert found == [[-1, 0, -1, -1, 0], pytest.approx(iou_of_boxes((0, 0, 100, 10), (1, 0, 100, 10)))]


def test_undo_brings_back_the_very_state_of_before(module: Page) -> None:
    found = run(
        module,
        """const { Model } = await import("/static/task_types/drawing/model.mjs");
        const model = new Model(() => null);
        model.load({ shapes: ["a"] });
        const states = [model.state];
        const added = { shapes: ["a", "b"], points: [], selected: 1 };
        for (const change of [{ points: [1] }, { points: [1, 2] }, added, { corner: 3 }]) {
          model.commit(change);
          states.push(model.state);
        }
        const [back, forth] = [[], []];
        while (model.undo()) back.push(model.state);
        while (model.redo()) forth.push(model.state);
        const right = [back.every((one, at) => one === states[3 - at])];
        right.push(forth.every((one, at) => one === states[at + 1]));
        return [...right, back.length, forth.length];""",
    )
    assert found == [True, True, 4, 4]


def test_a_drag_and_a_held_key_are_one_step_each(module: Page) -> None:
    found = run(
        module,
        """const { Model } = await import("/static/task_types/drawing/model.mjs");
        const told = [];
        const model = new Model((step) => told.push(step));
        model.load({ shapes: ["a"] });
        model.preview({ shapes: ["b"] });
        model.preview({ shapes: ["c"] });
        model.commit({ shapes: ["d"] });
        const held = {};
        for (const name of ["e", "f", "g"]) model.commit({ shapes: [name] }, held);
        model.preview({ shapes: ["x"] });
        model.undo();
        const seen = [model.state.shapes[0]];
        while (model.undo()) seen.push(model.state.shapes[0]);
        return [seen, told.filter(Boolean).length];""",
    )
    assert found == [["g", "d", "a"], 6]


def test_a_second_finger_cancels_the_stroke_and_moves_come_once_a_frame(module: Page) -> None:
    heard = run(
        module,
        """const { mount_pointers } = await import("/static/web/workspace/picture/pointers.mjs");
        const view = document.body.appendChild(document.createElement("div"));
        view.setPointerCapture = () => null;
        const heard = [];
        const names = ["down", "move", "up", "cancel", "hover", "leave"];
        const pinch = (by) => heard.push(`pinch ${by}`);
        const { hold } = mount_pointers(view, { pans: () => false, pan: () => heard.push("pan"), pinch });
        hold(Object.fromEntries(names.map((name) => [name, () => heard.push(name)])));
        const send = (type, pointerId, clientX, pointerType = "touch") => {
          const button = type === "pointermove" ? -1 : 0;
          view.dispatchEvent(new PointerEvent(type, { pointerId, clientX, pointerType, button, bubbles: true }));
        };
        send("pointerdown", 1, 0);
        for (const x of [1, 2, 3, 4]) send("pointermove", 1, x);
        await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        send("pointermove", 1, 10);
        send("pointerdown", 2, 20);
        send("pointermove", 2, 30);
        send("pointerup", 1, 10);
        send("pointerup", 2, 30);
        send("pointerdown", 3, 0, "mouse");
        send("pointermove", 3, 9, "mouse");
        send("pointerup", 3, 9, "mouse");
        return heard;""",
    )
    assert heard == ["down", "move", "cancel", "pinch 2", "down", "move", "up"]
