"""From a table to decided labels through the client, against a real server on both databases."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from PIL import Image

from labeler.client import Cancelled, Client, Failed, Forbidden, Invalid, NotFound, Unauthorised, Unfinished
from labeler.config import Settings
from tests.conftest import Made

Clients = Callable[[str], Client]


@pytest.fixture
def settings(any_settings: Settings) -> Settings:
    return any_settings


def test_a_table_becomes_items_answers_flags_and_a_file(client_of: Clients, tmp_path: Path) -> None:
    olga = client_of("olga")
    pets = olga.create_project(
        "pets", media="text", task="classification", classes={"cat": "purrs", "dog": ""}, votes=1, name="Pets"
    )
    frame = pd.DataFrame(
        {
            "ticket": [f"t{n}" for n in range(8)] + ["t0"],
            "body": [f"Text {n} about {'cats' if n % 2 else 'dogs'}" for n in range(8)] + ["another text"],
            "label": ["cat", "dog", None, float("nan"), "cow", "cat", "dog", "cat", "dog"],
            "source": ["mail"] * 9,
        }
    )
    told: list[tuple[float, str]] = []
    done = pets.import_items(frame, id="ticket", text="body", progress=lambda *said: told.append(said))
    assert (done.added, done.rejected, done.unchanged) == (7, 2, 0)
    assert sum(done.left_out.values()) == 2
    assert {(row["row"], row["field"]) for row in done.rejected_rows} == {(5, "label"), (9, "id")}
    assert told[-1][0] == 1.0
    assert pets.import_items(frame[:4], id="ticket", text="body").unchanged == 4

    items = list(pets.items())
    assert [item["external_id"] for item in items] == ["t0", "t1", "t2", "t3", "t5", "t6", "t7"]
    assert items[0]["given_label"] == "cat"
    assert items[2]["given_label"] is None
    assert items[0]["metadata"] == {"source": "mail"}
    assert len(list(pets.items(state="unlabeled"))) == 2

    votes = [{"id": "t2", "label": "dog", "annotator": "ann@example.org", "seconds": 2}]
    assert pets.import_answers(votes).added == 1
    assert [(one["external_id"], one["value"]) for one in pets.answers()] == [("t2", {"label": "dog"})]
    assert (
        pets.push_predictions([{"id": "t3", "label": "cat", "score": 0.9}, {"id": "none", "label": "cat"}]).added == 1
    )
    shares = pets.push_probabilities(["t0", "t1"], [[0.9, 0.1], {"dog": 1.0}])
    assert (shares.added, shares.rejected) == (2, 0)

    decided = pets.decide(items[1]["item"], "relabel", value={"label": "cat"}, reason="It purrs.")
    assert (
        pets.decide(items[1]["item"], "relabel", value={"label": "cat"}, reason="It purrs.", key=decided["key"])
        == decided
    )
    pets.decide(items[1]["item"], "exclude")
    table = pets.decisions().frame()
    assert list(table["decision"]) == ["relabel", "exclude"]
    assert list(table["status"]) == ["replaced", "current"]
    assert list(table["by"]) == ["olga@example.org"] * 2
    assert list(table["external_id"]) == ["t1"] * 2
    assert [one["id"] for one in pets.decisions(item=items[0]["item"])] == []

    exported = pets.export("jsonl", tmp_path)
    assert exported.path == tmp_path / "pets.jsonl"
    assert exported.left_out == "excluded=1, unlabeled=1, tied=0"
    lines = [json.loads(line) for line in exported.path.read_text().splitlines()]
    assert len(lines) == 5
    assert pets.export("jsonl", tmp_path / "all.jsonl", items="all").bytes > exported.bytes
    assert [project.slug for project in olga.projects()] == ["pets"]
    progress = pets.refresh().details["progress"]
    assert progress is not None
    assert (progress["items"], progress["labeled"]) == (7, 5)


def test_lists_are_read_page_by_page_while_one_goes_through_them(client_of: Clients, make_project: Any) -> None:
    made: Made = make_project(items=25)
    pets = client_of("olga").project("pets")
    asked: list[str] = []
    rows = pets.items()
    rows._query["limit"] = 10
    follow = pets._connection.follow

    def followed(path: str) -> Any:
        asked.append(path)
        return follow(path)

    pets._connection.follow = followed  # type: ignore[method-assign]
    walk = iter(rows)
    assert [next(walk)["item"] for _ in range(10)] == made.items[:10]
    assert asked == []
    assert [item["item"] for item in walk] == made.items[10:]
    assert len(asked) == 2
    assert [item["item"] for item in rows] == made.items, "it begins anew each time"


def test_a_list_without_rows_is_a_table_with_its_columns(client_of: Clients, make_project: Any) -> None:
    make_project(items=1)
    table = client_of("olga").project("pets").flags().frame()
    assert len(table) == 0
    assert list(table.columns)[:4] == ["item", "external_id", "kind", "score"]


def test_pictures_are_sent_from_their_files(client_of: Clients, tmp_path: Path) -> None:
    faces = client_of("olga").create_project("faces", media="image", task="boxes", classes=["face"])
    shown = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(shown, "PNG")
    (tmp_path / "a.png").write_bytes(shown.getvalue())
    rows: list[dict[str, Any]] = [{"name": "a", "file": tmp_path / "a.png"}, {"name": "b", "file": b"no picture"}]
    done = faces.import_items(rows, id="name", image="file")
    assert (done.added, done.rejected) == (1, 1)
    item = next(iter(faces.items()))
    assert (item["width"], item["height"], item["metadata"]) == (40, 30, {"file_name": "a.png"})


def test_a_check_of_labels_is_waited_for_and_its_flags_are_a_table(client_of: Clients, make_project: Any) -> None:
    make_project(items=30, given="cat")
    pets = client_of("olga").project("pets")
    assert pets.check_labels().wait(timeout=600).result.keys() == {"inspection"}
    assert {"item", "kind", "score"} <= set(pets.flags().frame().columns)


def test_who_waits_is_told_how_a_job_ended(client_of: Clients, make_project: Any) -> None:
    make_project(items=2)
    pets = client_of("olga").project("pets")
    bad = pets.start_import([{"nothing": 1}])
    with pytest.raises(Failed, match="no column that looks like the text"):
        bad.wait()
    waiting = pets.start_import([{"text": "a"}])
    times = iter(range(100))
    pets._connection.sleep = lambda _seconds: None
    with pytest.raises(Unfinished, match=f"Job {waiting.id} "):
        waiting.wait(timeout=3, clock=lambda: float(next(times)))
    waiting.cancel()
    with pytest.raises(Cancelled, match="Cancelled by Olga"):
        waiting.wait()
    assert pets.job(waiting.id).state == "failed"


def test_what_one_may_not_is_told_in_the_servers_words(client_of: Clients, make_project: Any, server: str) -> None:
    make_project()
    with pytest.raises(NotFound, match="There is no project 'pets'"):
        client_of("zed").project("pets")
    with pytest.raises(Forbidden, match="Your role here does not include this"):
        list(client_of("ann").project("pets").items())
    with pytest.raises(Unauthorised, match="Sign in first"):
        Client(server, "wrong").project("pets")
    olga = client_of("olga")
    with pytest.raises(Invalid, match="not a class of this project"):
        list(olga.project("pets").items(final_label="cow"))
    with pytest.raises(Forbidden):
        client_of("ann").project("pets").import_items({"text": "x" * 200} for _ in range(5000))
