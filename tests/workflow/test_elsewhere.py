"""Import from a bucket: the same rules as for files on this machine, on both databases, through kills and faults."""

import io
import json
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from labeler import workflow
from labeler.config import Settings
from labeler.errors import Cancelled, Invalid, NotFound, Unavailable
from labeler.exchange.actions import ImportResult
from labeler.exchange.reading import options_of
from labeler.exchange.sources import Limits, Mapping, Source
from labeler.jobs import queries
from labeler.jobs.actions import enqueue
from labeler.jobs.models import IMPORT, Job
from labeler.jobs.runner import Worker
from labeler.projects.actions import NewProject, create_project
from labeler.projects.models import Item, Project
from labeler.remote.addresses import parsed
from labeler.remote.files import Keep
from labeler.storage.database import Database, clock
from labeler.storage.files import ORIGINALS, FileStore
from tests.buckets import Bucket, picture
from tests.conftest import NOW
from tests.exchange.datasets import annotation, coco, image
from tests.exchange.datasets import picture as photo

SAMPLES = Path(__file__).parents[2] / "sample_data" / "formats"
KEEPS: tuple[Keep, ...] = ("copy", "reference")
WORKER = """
import sys
from labeler.config import read_settings
from labeler.jobs.runner import Worker
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from labeler.workflow import imports

imports.IMAGE_BATCH = 4
settings, tell = read_settings(), imports._tell

def telling(*arguments):
    tell(*arguments)
    print("a batch is in", flush=True)
    sys.stdin.read()

imports._tell = telling
Worker(Database(settings), FileStore.of(settings)).run_one()
"""


@dataclass
class Team:
    """An instance that may fetch from one bucket."""

    settings: Settings
    database: Database
    files: FileStore
    bucket: Bucket

    def project(self, task: str = "classification", media: str = "image", slug: str = "pets") -> int:
        with self.database.write() as session:
            new = NewProject(slug, media, task, [("cat", ""), ("dog", "")], votes=1)
            return create_project(session, new, by=None, now=NOW).id

    def bring(
        self, project: int, path: str = "", *, keep: Keep = "copy", progress: Any = workflow.silent, **options: Any
    ) -> ImportResult:
        limits = options.pop("limits", Limits())
        with self.database.read() as session:
            told = options_of(session, session.get_one(Project, project), **options)
        place = workflow.RemoteSource(self.files.elsewhere, parsed(f"{self.bucket.address}{path}"), keep)
        asked = workflow.Asked(Source("x"), None, replace(told, limits=limits))
        return workflow.import_address(self.database, self.files, project, place, asked, progress=progress)

    def items(self) -> list[Item]:
        with self.database.read() as session:
            return list(session.scalars(select(Item).order_by(Item.id)))

    def ask(self, project: int, **payload: Any) -> int:
        told = {"address": self.bucket.address, "name": self.bucket.address, "format": None, "as": "items"}
        with self.database.write() as session:
            whole = told | {"mapping": {}, "encoding": None, **payload}
            return enqueue(session, project, IMPORT, payload=whole, by=None, now=clock(session)).id

    def job(self, job: int) -> Job:
        with self.database.read() as session:
            return queries.job_in(session, job)


def team_on(settings: Settings, bucket: Bucket) -> Iterator[Team]:
    allowed = replace(settings, remote=(bucket.address,))
    database = Database(allowed)
    yield Team(allowed, database, FileStore.of(allowed), bucket)
    database.close()


@pytest.fixture
def team(any_settings: Settings, bucket: Bucket) -> Iterator[Team]:
    yield from team_on(any_settings, bucket)


@pytest.fixture
def alone(settings: Settings, database: Database, bucket: Bucket) -> Iterator[Team]:
    """As `team`, on SQLite only, where the database does not matter."""
    del database
    yield from team_on(settings, bucket)


def unzipped(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}


def told(result: ImportResult) -> dict[str, str]:
    return {row.file: str(row.reason) for row in result.problems}


@pytest.mark.parametrize("keep", KEEPS)
def test_pictures_in_folders_of_their_classes_come_in_and_say_where_from(team: Team, keep: Keep) -> None:
    team.bucket.put_all({f"set/{('cat', 'dog')[n % 2]}/{n}.png": picture(n) for n in range(6)})
    project = team.project()
    result = team.bring(project, "set/", keep=keep)
    assert (result.added, result.rejected) == (6, 0)
    first = team.items()[0]
    assert (first.external_id, first.given_code != "") == ("cat/0.png", True)
    assert first.meta["source_url"] == f"{team.bucket.address}set/cat/0.png"
    assert first.meta["source_size"] == len(picture(0))
    assert len(first.meta["source_etag"]) == 32
    kept = list(team.files.hashes(ORIGINALS))
    assert len(kept) == (6 if keep == "copy" else 0)
    assert team.files.read_original(first.content_hash) == picture(0)
    again = team.bring(project, "set/", keep=keep)
    assert (again.added, again.unchanged) == (0, 6)


def test_what_is_wrong_with_single_files_is_said_by_file_and_stops_no_other(alone: Team) -> None:
    hostile = {
        "set/cat/good.png": picture(1),
        "set/cat/damaged.png": picture(2)[:40],
        "set/cat/empty.png": b"",
        "set/cat/page.png": b"<html><script>alert(1)</script></html>",
        "set/cat/notes.docx": b"x",
        "set/cat/GOOD.png": picture(3),
        "set/a\\..\\..\\b.png": picture(4),
        "set/cat/\u202egnp.exe.png": picture(5),
        "set//etc/passwd.png": picture(6),
        "set/.DS_Store": b"x",
        "set/cat/large.png": picture(7, 400),
    }
    alone.bucket.put_all(hostile)
    limits = Limits(image_bytes=1000)
    result = alone.bring(alone.project(), "set/", limits=limits)
    assert [item.external_id for item in alone.items()] in (["cat/GOOD.png"], ["cat/good.png"])
    reasons = told(result)
    assert "damaged" in reasons["cat/damaged.png"]
    assert reasons["cat/empty.png"] == "The file is empty."
    assert reasons["cat/page.png"].startswith("Not a PNG, JPEG")
    assert reasons["cat/notes.docx"].startswith("not an image file")
    assert "only in case" in next(reason for name, reason in reasons.items() if name.lower() == "cat/good.png")
    assert "larger than 1,000 bytes" in reasons["cat/large.png"]
    outside = [reason for reason in reasons.values() if reason == "its name leads out of the folder"]
    assert len(outside) == 3
    assert result.rejected == 9


def test_names_never_become_files_on_this_machine(alone: Team, tmp_path: Path) -> None:
    keys = [f"set/{'../' * n}evil{n}.png" for n in range(1, 9)]
    for key in keys:  # fsspec itself would tidy such names
        alone.bucket.store.call_s3("put_object", Bucket=alone.bucket.name, Key=key, Body=picture(1))
    alone.bucket.put("set/good.png", picture(2))
    before = {path for path in tmp_path.rglob("*") if path.is_file() and alone.settings.instance not in path.parents}
    result = alone.bring(alone.project(), "set/")
    after = {path for path in tmp_path.rglob("*") if path.is_file() and alone.settings.instance not in path.parents}
    assert before == after
    assert (result.added, result.rejected) == (1, len(keys))


@pytest.mark.parametrize(("task", "name"), [("boxes", "coco"), ("boxes", "yolo"), ("boxes", "voc")])
@pytest.mark.parametrize("keep", KEEPS)
def test_a_dataset_in_a_bucket_is_the_same_as_on_this_machine(
    alone: Team, tmp_path: Path, task: str, name: str, keep: Keep
) -> None:
    files = unzipped(SAMPLES / name / "shapes.zip")
    alone.bucket.put_all({f"shapes/{key}": data for key, data in files.items()})
    for key, data in files.items():
        path = tmp_path / "shapes" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    here, there = alone.project(task, slug="here"), alone.project(task, slug="there")
    with alone.database.read() as session:
        options = options_of(session, session.get_one(Project, here))
    asked = workflow.Asked(Source.local(tmp_path / "shapes"), None, options)
    local = workflow.import_source(alone.database, alone.files, here, asked)
    remote = alone.bring(there, "shapes/", keep=keep)

    def of(project: int) -> list[Any]:
        own = [item for item in alone.items() if item.project_id == project]
        return sorted(
            (item.external_id, item.content_hash, json.dumps(item.given_value), item.width, item.height) for item in own
        )

    assert local.added > 0
    assert all(item.meta["source_url"] for item in alone.items() if item.project_id == there)
    assert of(here) == of(there)
    counts = ("added", "rejected", "without_a_part", "left_out")
    assert [getattr(local, one) for one in counts] == [getattr(remote, one) for one in counts]
    assert sorted(told(local).items()) == sorted(told(remote).items())


def test_coco_in_a_bucket_names_what_it_leaves_out(alone: Team) -> None:
    text = coco([image(1, "a.jpg"), image(2, "gone.jpg")], [annotation(1, 1), annotation(2, 2)])
    alone.bucket.put_all({"set/images/a.jpg": photo(), "set/annotations/instances.json": text.encode()})
    result = alone.bring(alone.project("boxes"), "set/")
    assert (result.added, result.rejected) == (1, 1)
    assert 'there is no picture "gone.jpg"' in str(result.problems[0].reason)


def test_a_table_names_pictures_by_addresses_or_by_their_place_beside_it(alone: Team) -> None:
    alone.bucket.put_all({"pictures/a.png": picture(1), "set/beside/b.png": picture(2)})
    rows = (
        ("image", "label", "camera"),
        (f"{alone.bucket.address}pictures/a.png", "cat", "1"),
        ("beside/b.png", "dog", "2"),
        ("../pictures/a.png", "dog", "3"),
        ("beside/gone.png", "cat", "4"),
        ("s3://somebody-else/x.png", "cat", "5"),
        ("http://169.254.169.254/latest/meta-data/x.png", "cat", "6"),
        ("file:///etc/passwd", "cat", "7"),
    )
    alone.bucket.put("set/table.csv", "\n".join(",".join(row) for row in rows).encode())
    result = alone.bring(alone.project(), "set/table.csv", keep="reference")
    assert [(item.meta["camera"], item.meta["source_url"]) for item in alone.items()] == [
        ("1", f"{alone.bucket.address}pictures/a.png"),
        ("2", f"{alone.bucket.address}set/beside/b.png"),
    ]
    reasons = {row.number: str(row.reason) for row in result.problems}
    assert "leads out of the folder" in reasons[3]
    assert reasons[4] == f"it cannot be fetched: There is no file at {alone.bucket.address}set/beside/gone.png."
    assert "may not fetch s3://somebody-else/x.png" in reasons[5]
    assert "may not fetch http://169.254.169.254/" in reasons[6]
    assert 7 in reasons
    assert not list(alone.settings.uploads.glob("*")), "the table was only there for a while"


def test_json_lines_of_texts_come_from_a_bucket_as_from_a_file(team: Team) -> None:
    lines = [{"id": f"n{n}", "text": f"Text {n}", "label": ("cat", "dog")[n % 2]} for n in range(50)]
    team.bucket.put("texts.jsonl", "\n".join(map(json.dumps, lines)).encode())
    result = team.bring(team.project(media="text"), "texts.jsonl")
    assert (result.added, result.rejected) == (50, 0)
    assert team.items()[7].text == "Text 7"
    assert team.items()[7].meta == {}


def test_columns_are_told_as_for_a_file(alone: Team) -> None:
    alone.bucket.put("table.csv", b"nr,words,kind\n1,Hello,cat\n")
    alone.bring(alone.project(media="text"), "table.csv", mapping=Mapping(id="nr", text="words", label="kind"))
    (item,) = alone.items()
    assert (item.external_id, item.text, bool(item.given_code)) == ("1", "Hello", True)


def test_a_zip_and_a_single_picture_come_in_too(alone: Team) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("cat/a.png", picture(1))
    alone.bucket.put_all({"set.zip": buffer.getvalue(), "one.png": picture(2)})
    project = alone.project()
    assert alone.bring(project, "set.zip").added == 1
    assert alone.bring(project, "one.png", keep="reference").added == 1
    assert [item.external_id for item in alone.items()] == ["cat/a.png", "one.png"]


def test_a_pattern_takes_the_files_that_are_like_it(alone: Team) -> None:
    alone.bucket.put_all(
        {f"set/{part}/{n}.{end}": picture(n) for part in "ab" for n in (1, 2) for end in ("png", "tmp")}
    )
    assert alone.bring(alone.project(), "set/*/1.png", mapping=Mapping(folder_labels=False)).added == 2
    assert [item.external_id for item in alone.items()] == ["a/1.png", "b/1.png"]


def test_nothing_there_and_too_much_there_are_said_before_anything_is_stored(alone: Team) -> None:
    alone.bucket.put_all({f"set/{n}.png": picture(n) for n in range(4)})
    project = alone.project()
    with pytest.raises(Invalid, match="There are no files at"):
        alone.bring(project, "nowhere/")
    with pytest.raises(Invalid, match="holds more than 3 files"):
        alone.bring(project, "set/", limits=Limits(entries=3))
    place = workflow.RemoteSource(alone.files.elsewhere, parsed("s3://other/x/"))
    with alone.database.read() as session:
        asked = workflow.Asked(Source("x"), None, options_of(session, session.get_one(Project, project)))
    with pytest.raises(Invalid, match="may not fetch"):
        workflow.import_address(alone.database, alone.files, project, place, asked)
    assert alone.items() == []


def test_a_file_larger_than_an_upload_may_be_is_not_fetched(alone: Team) -> None:
    alone.bucket.put("table.csv", b"text\n" + b"x" * 200)
    alone.database.settings = replace(alone.settings, max_upload_bytes=100)
    with pytest.raises(Invalid, match="larger than 100 bytes"):
        alone.bring(alone.project(media="text"), "table.csv")


def test_progress_tells_what_is_found_and_how_far_it_is(alone: Team) -> None:
    alone.bucket.put_all({f"{n}.png": picture(n) for n in range(5)})
    said: list[tuple[float, str]] = []
    alone.bring(alone.project(), progress=lambda share, message: said.append((share, str(message))))
    assert said[:2] == [(0.0, f"Looking for files at {alone.bucket.address}"), (0.0, "5 files found")]
    assert said[-2:] == [(0.99, "5 rows read"), (1.0, "5 added, 0 not")]


def test_an_import_ends_where_somebody_asks_for_it_and_goes_on_from_there(
    alone: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labeler.workflow.imports.IMAGE_BATCH", 4)
    alone.bucket.put_all({f"{n:02}.png": picture(n) for n in range(12)})

    def ending(share: float, _message: str) -> None:
        if share > 0.3:
            raise Cancelled("It was stopped on the way.")

    project = alone.project()
    with pytest.raises(Cancelled, match="The first 4 rows of the file were read"):
        alone.bring(project, progress=ending)
    assert len(alone.items()) == 4
    assert (alone.bring(project).added, len(alone.items())) == (8, 12)


def test_a_bucket_that_does_not_answer_any_more_fails_the_job_and_what_was_read_stays(
    alone: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labeler.workflow.imports.IMAGE_BATCH", 4)
    monkeypatch.setattr("labeler.remote.files.AHEAD", 1)
    alone.bucket.put_all({f"{n:02}.png": picture(n) for n in range(12)})
    from labeler.remote import bucket

    read, left = bucket.read, list(range(8))

    def failing(*arguments: Any) -> Any:
        if not left:
            raise Unavailable("{address} cannot be fetched now ({reason}).", address="s3://b/x", reason="reset")
        left.pop()
        return read(*arguments)

    monkeypatch.setattr(bucket, "read", failing)
    project = alone.project()
    job = alone.ask(project)
    assert Worker(alone.database, alone.files).run_one()
    assert (alone.job(job).state, alone.job(job).error) == ("failed", "s3://b/x cannot be fetched now (reset).")
    assert 0 < len(alone.items()) < 12
    left.extend(range(100))
    again = alone.ask(project)
    assert Worker(alone.database, alone.files).run_one()
    assert alone.job(again).state == "done"
    assert sorted(item.external_id or "" for item in alone.items()) == [f"{n:02}.png" for n in range(12)]


@pytest.mark.parametrize("keep", KEEPS)
def test_a_killed_import_is_taken_up_again_and_adds_nothing_twice(team: Team, keep: Keep) -> None:
    team.bucket.put_all({f"{n:02}.png": picture(n) for n in range(12)})
    job = team.ask(team.project(), keep=keep)
    environment = {**team.bucket.environment, "LABELER_INSTANCE": str(team.settings.instance)}
    if not team.settings.is_sqlite:
        environment["LABELER_DATABASE_URL"] = team.settings.database_url
    with subprocess.Popen(
        [sys.executable, "-c", WORKER], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert any(line == "a batch is in\n" for line in process.stdout)
        os.kill(process.pid, signal.SIGKILL)
    assert len(team.items()) == 4
    with team.database.write() as session:
        ended = clock(session) - timedelta(seconds=1)
        session.execute(update(Job).where(Job.id == job).values(lease_until=ended))
    assert Worker(team.database, team.files).run_one()
    done = team.job(job)
    assert (done.state, done.result["added"], done.result["unchanged"]) == ("done", 8, 4)
    assert sorted(item.external_id or "" for item in team.items()) == [f"{n:02}.png" for n in range(12)]


def test_an_address_that_may_hold_a_key_is_no_reference(alone: Team) -> None:
    place = workflow.RemoteSource(
        alone.files.elsewhere.with_also(parsed("https://x.example/a?key=1")),
        parsed("https://x.example/a?key=1"),
        "reference",
    )
    project = alone.project()
    with alone.database.read() as session:
        asked = workflow.Asked(Source("x"), None, options_of(session, session.get_one(Project, project)))
    with pytest.raises(Invalid, match="import it as a copy"):
        workflow.import_address(alone.database, alone.files, project, place, asked)


def test_a_label_check_reads_pictures_that_stay_elsewhere(alone: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    alone.bucket.put_all({f"{('cat', 'dog')[n % 2]}/{n}.png": picture(n * 40) for n in range(12)})
    project = alone.project()
    alone.bring(project, keep="reference")
    for path in (alone.files.root / "display").glob("*/*"):
        path.unlink()  # as if they had been let go
    read: list[str] = []
    whole = FileStore.display_to_read

    def reading(store: FileStore, digest: str) -> Path:
        read.append(digest)
        return whole(store, digest)

    monkeypatch.setattr(FileStore, "display_to_read", reading)
    workflow.inspect(alone.database, alone.files, project)
    assert sorted(read) == sorted(item.content_hash for item in alone.items())
    assert all(alone.files.display_path(digest).exists() for digest in read)


def test_a_picture_that_changed_elsewhere_is_not_exported_as_the_one_that_was_labeled(alone: Team) -> None:
    alone.bucket.put("a.png", picture(1))
    alone.bring(alone.project(), keep="reference")
    (item,) = alone.items()
    alone.bucket.put("a.png", picture(2))
    with pytest.raises(NotFound, match="another one by now"):
        alone.files.read_original(item.content_hash)
