import csv
import io
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from PIL import Image

from labeler.errors import NotFound
from labeler.exchange.formats.base import ExportContext
from labeler.exchange.formats.registry import READERS, WRITERS
from labeler.exchange.rows import ExportRow, Row
from labeler.exchange.sources import ReadOptions, Source
from labeler.exchange.writing.class_folders import ODD_ENDING, UNLABELED, folders_of
from labeler.exchange.writing.originals import GONE
from labeler.exchange.writing.picture_names import RENAMED

CLASSES = ("dog", "cat", "a/b")
FORMATS = pytest.mark.parametrize("name", ["imagefolder", "yolo_classify"])


def picture(digest: str) -> bytes:
    """Return the picture of a hash, which here is its kind and a shade."""
    kind, _, shade = digest.partition(" ")
    if kind == "gone":
        raise NotFound("The image is not in the store.")
    buffer = io.BytesIO()
    Image.new("L", (2, 2), int(shade)).save(buffer, kind)
    return buffer.getvalue()


def row(item: int, name: str, label: str | None = "cat", digest: str = "", **others: Any) -> ExportRow:
    digest = digest or f"PNG {item}"
    return ExportRow(item, f"id {item}", None, name, "image", None, None, label, "given", None, **others)._replace(
        content_hash=digest
    )


def written(name: str, *rows: ExportRow, **others: Any) -> tuple[bytes, ExportContext]:
    told = {"picture": picture, **others}
    context = ExportContext("p", "P", "image", "classification", CLASSES, "2026-02-03T10:00:00Z", **told)
    return b"".join(WRITERS[name].write(rows, context)), context


def names_in(data: bytes) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(data)).namelist()


def as_torchvision(root: Path) -> list[tuple[str, int]]:
    """Return (path, class) as torchvision's ImageFolder numbers them: folders in the order of their names."""
    folders = sorted(entry.name for entry in root.iterdir() if entry.is_dir())
    endings = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")
    files = [(path, path.relative_to(root).parts[0]) for path in sorted(root.rglob("*")) if path.is_file()]
    return [(path.name, folders.index(folder)) for path, folder in files if path.name.lower().endswith(endings)]


@FORMATS
def test_pictures_lie_in_the_folder_of_their_split_and_class(name: str) -> None:
    rows = (
        row(1, "x/1.png"),
        row(2, "2.jpg", "dog", metadata={"split": "validation"}),
        row(3, "3.png", "a/b", metadata={"split": "elsewhere"}),
    )
    data, context = written(name, *rows)
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert archive.testzip() is None
    pictures = [entry for entry in archive.namelist() if entry.endswith((".png", ".jpg"))]
    assert pictures == ["train/cat/1.png", "val/dog/2.jpg", "train/a_b/3.png"]
    assert archive.read("train/cat/1.png") == picture("PNG 1")
    listed = list(csv.reader(io.StringIO(archive.read("pictures.csv").decode())))
    assert listed[1] == ["1", "id 1", "x/1.png", "cat", "train/cat/1.png"]
    classes = list(csv.reader(io.StringIO(archive.read("classes.csv").decode())))
    assert classes == [["class", "directory"], ["dog", "dog"], ["cat", "cat"], ["a/b", "a_b"]]
    assert context.report.written == 3


def test_each_split_of_yolo_numbers_the_classes_alike(tmp_path: Path) -> None:
    """Ultralytics takes the ZIP's folder itself, train/ and val/ in it, and numbers the classes of each by its folders.

    A split that lacked a folder would number the classes after it otherwise.
    """
    data, _ = written("yolo_classify", row(1, "1.png", "a/b"), row(2, "2.png", "dog", metadata={"split": "val"}))
    zipfile.ZipFile(io.BytesIO(data)).extractall(tmp_path)
    assert as_torchvision(tmp_path / "train") == [("1.png", 0)]
    assert as_torchvision(tmp_path / "val") == [("2.png", 2)]
    folders = {split: {path.name for path in (tmp_path / split).iterdir()} for split in ("train", "val")}
    assert folders["train"] == folders["val"] == {"a_b", "cat", "dog"}


def test_imagefolder_has_no_empty_folder_which_torchvision_would_refuse() -> None:
    data, _ = written("imagefolder", row(1, "1.png"))
    assert not [entry for entry in names_in(data) if entry.endswith("/")]


@FORMATS
def test_what_goes_out_comes_in_again_as_a_zip_of_images(name: str) -> None:
    data, _ = written(name, row(1, "1.png"), row(2, "2.png", "dog", metadata={"split": "val"}))
    told = ReadOptions(media="image", classes=CLASSES)
    found = list(READERS["zip"].read(Source.sent(io.BytesIO(data), "x.zip"), told))
    rows = [entry for entry in found if isinstance(entry, Row)]
    assert [(one.given_label, one.metadata["split"]) for one in rows] == [("cat", "train"), ("dog", "val")]
    assert [one.image() for one in rows if one.image] == [picture("PNG 1"), picture("PNG 2")]


@FORMATS
def test_what_could_not_go_out_or_was_renamed_is_counted(name: str) -> None:
    rows = (
        row(1, "a/1.png"),
        row(2, "b/1.png"),
        row(3, "3.png", None),
        row(4, "4.png", digest="gone"),
        row(5, "5.jfif", digest="JPEG 5"),
        row(6, "0123abcd", digest="PNG 6"),
        row(7, "7.gif", digest="GIF 7"),
    )
    data, context = written(name, *rows)
    pictures = [entry for entry in names_in(data) if entry.startswith("train/") and not entry.endswith("/")]
    assert pictures == [f"train/cat/{one}" for one in ("1.png", "1_item2.png", "5.jpg", "0123abcd.png", "7.gif")]
    counted = {sentence: loss.items for sentence, loss in context.report.losses.items()}
    assert counted == {RENAMED: [2], UNLABELED: [3], GONE: [4], ODD_ENDING: [7]}


@FORMATS
@pytest.mark.parametrize("image", ["../../etc/passwd.png", "/abs.png", "c:\\x.png", "..", "...", "", "a/\x00b.png"])
def test_no_name_leaves_its_folder(name: str, image: str) -> None:
    data, _ = written(name, row(1, image))
    (found,) = [entry for entry in names_in(data) if entry.startswith("train/") and not entry.endswith("/")]
    path = PurePosixPath(found)
    assert path.parts[:2] == ("train", "cat")
    assert len(path.parts) == 3
    assert ".." not in path.parts
    assert not set(found) & set("\\:\x00")


def test_folders_are_plain_names_and_no_two_are_alike() -> None:
    names = (
        "..",
        ".",
        "a/b",
        "a\\b",
        "a:b",
        "CON",
        "nul.txt",
        "Cat",
        "cat",
        "=1",
        "-x",
        "né, ja",
        "x" * 300,
        "x" * 301,
    )
    folders = folders_of(names)
    assert len({folder.casefold() for folder in folders.values()}) == len(names)
    for folder in folders.values():
        assert folder.strip(". ") == folder
        assert not set(folder) & set("/\\:\x00")
        assert folder.lower() not in {"con", "nul.txt"}
    assert folders["né, ja"] == "né, ja"


@FORMATS
def test_without_the_pictures_their_places_are_still_named(name: str) -> None:
    data, _ = written(name, row(1, "1.png"), picture=None)
    assert "train/cat/1.png" not in names_in(data)
    assert "train/cat/1.png" in zipfile.ZipFile(io.BytesIO(data)).read("pictures.csv").decode()
