"""Untidy files: what can be used is used, and the rest is named with its reason."""

import base64
import json
import shutil
from pathlib import Path

import pytest

from labeler.cli.audit_file.classes import classes_of, spelled_alike
from labeler.cli.audit_file.reading import Asked, Table, read
from labeler.errors import Invalid
from tests.cli.audit_file.conftest import some_texts, write_table
from tests.quality.worlds import pictures


def table(path: Path, folder: Path, text: str = "", image: str = "", label: str = "") -> Table:
    return read(Asked(path, text, image, label, None, folder))


def test_a_table_from_windows_with_semicolons_is_read_as_it_is(tmp_path: Path) -> None:
    rows = [(f"Schöne Grüße, {text}", label) for text, label in some_texts(10)]
    path = write_table(tmp_path / "excel.csv", ("Anfrage", "Thema"), rows, encoding="cp1252", delimiter=";")
    found = table(path, tmp_path)
    assert (found.content, found.label, found.encoding) == ("Anfrage", "Thema", "cp1252")
    assert [(row.content, row.label) for row in found.kept] == rows


def test_bad_rows_are_named_and_stop_no_good_ones(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,text,label\n1,a cat,cat\n2,a dog,\n3,,dog\n4,too,many,cells\n5,a bird,bird\n")
    found = table(path, tmp_path)
    assert [(row.number, row.name, row.label) for row in found.kept] == [(1, "1", "cat"), (5, "5", "bird")]
    assert [(row.number, row.column) for row in found.rejected] == [(2, "label"), (3, "text"), (4, "")]
    assert [str(row.reason) for row in found.rejected][:2] == ["there is no label", "the text is empty"]
    assert found.rows == 5


def test_json_lines_and_lists_are_read_with_their_metadata(tmp_path: Path) -> None:
    rows = [{"text": text, "label": label, "source": "web"} for text, label in some_texts(10)]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "a.json").write_text(json.dumps(rows))
    for name in ("a.jsonl", "a.json"):
        found = table(tmp_path / name, tmp_path)
        assert len(found.kept) == 30
        assert found.kept[0].metadata == {"source": "web"}


def test_a_folder_has_one_class_a_folder_and_a_broken_picture_is_left_out(tmp_path: Path) -> None:
    folder = pets(tmp_path)
    found = table(folder, tmp_path)
    assert {row.label for row in found.kept} == {"disc", "square"}
    assert len(found.kept) == 8
    assert [row.file for row in found.rejected] == ["disc/broken.png"]
    assert all(isinstance(row.content, Path) and row.content.is_relative_to(folder) for row in found.kept)


def test_a_zip_of_a_folder_is_read_like_the_folder(tmp_path: Path) -> None:
    folder, unpacked = pets(tmp_path), tmp_path / "unpacked"
    unpacked.mkdir()
    archive = Path(shutil.make_archive(str(tmp_path / "pets"), "zip", folder))
    found, wanted = table(archive, unpacked), table(folder, tmp_path)
    assert sorted((row.name, row.label) for row in found.kept) == sorted((row.name, row.label) for row in wanted.kept)
    assert all(isinstance(row.content, Path) and row.content.parent == unpacked for row in found.kept)


def test_pictures_of_a_table_lie_beside_it_or_in_its_cells(tmp_path: Path) -> None:
    folder = pets(tmp_path)
    name = next(path.name for path in sorted((folder / "square").iterdir()))
    data = "data:image/png;base64," + base64.b64encode((folder / "square" / name).read_bytes()).decode()
    rows = [(f"pets/square/{name}", "square"), (data, "square"), ("pets/none.png", "disc"), ("../x.png", "disc")]
    found = table(write_table(tmp_path / "a.csv", ("picture", "label"), rows), tmp_path, image="picture")
    assert [row.number for row in found.kept] == [1, 2]
    assert [row.number for row in found.rejected] == [3, 4]


def test_parquet_is_read_with_the_names_of_its_classes(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    parquet = pytest.importorskip("pyarrow.parquet")
    info = {"info": {"features": {"label": {"_type": "ClassLabel", "names": ["bad", "good"]}}}}
    schema = arrow.schema([("text", arrow.string()), ("label", arrow.int64()), ("stars", arrow.float64())])
    schema = schema.with_metadata({"huggingface": json.dumps(info)})
    rows = {"text": ["fine", "awful", "so so"], "label": [1, 0, None], "stars": [5.0, 1.5, 3.0]}
    parquet.write_table(arrow.table(rows, schema=schema), tmp_path / "a.parquet")
    found = table(tmp_path / "a.parquet", tmp_path)
    assert [(row.content, row.label) for row in found.kept] == [("fine", "good"), ("awful", "bad")]
    assert [str(row.reason) for row in found.rejected] == ["there is no label"]


def test_parquet_without_its_library_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    (tmp_path / "a.parquet").write_bytes(b"PAR1....PAR1")
    with pytest.raises(Invalid, match="needs the package pyarrow, which is not installed"):
        table(tmp_path / "a.parquet", tmp_path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("text,label\n", "a.csv holds no rows"),
        ("text,label\na,\nb,\n", "None of the 2 rows of a.csv can be used. The first, row 1: there is no label"),
        ("text,label\na,x\nb,x\n", r"All 2 labels of a.csv are the same class \(x\)"),
        ("text,label\n" + "".join(f"t {n},{'a|b' if n % 2 else 'ab'[n % 4 // 2]}\n" for n in range(40)), "several"),
        ("text,label\n" + "".join(f't {n},"[""a"", ""b""]"\n' for n in range(40)), "several classes an item"),
        ("text,label\n" + "".join(f"t {n},id{n}\n" for n in range(40)), "40 different values in 40 rows"),
    ],
)
def test_labels_that_cannot_be_judged_are_a_clear_error(content: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(content)
    with pytest.raises(Invalid, match=words):
        classes_of(table(tmp_path / "a.csv", tmp_path))


def test_classes_are_in_the_order_of_numbers_and_names(tmp_path: Path) -> None:
    rows = [(f"text {number}", label) for number, label in enumerate(("10", "9", "b", "A", "10", "9", "b", "A"))]
    found = table(write_table(tmp_path / "a.csv", ("text", "label"), rows), tmp_path)
    assert classes_of(found) == ("9", "10", "A", "b")


def test_a_label_with_a_comma_in_it_is_one_class(tmp_path: Path) -> None:
    rows = [(f"text {number}", ("Food, drink", "Travel")[number % 2]) for number in range(40)]
    found = table(write_table(tmp_path / "a.csv", ("text", "label"), rows), tmp_path)
    assert classes_of(found) == ("Food, drink", "Travel")


def test_names_that_differ_only_in_spelling_are_found() -> None:
    assert spelled_alike(("cat", "Cat", "dog", "dogs", "hot-dog", "hot dog")) == [
        ("cat", "Cat"),
        ("hot-dog", "hot dog"),
    ]


def pets(tmp_path: Path) -> Path:
    """A folder with four discs, four squares and a file that is no picture."""
    folder, made = tmp_path / "pets", tmp_path / "made"
    made.mkdir(exist_ok=True)
    paths, truth = pictures(made, (4, 4, 0))
    for path, shape in zip(paths, truth, strict=True):
        target = folder / ("disc", "square")[shape]
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target / path.name)
    (folder / "disc" / "broken.png").write_bytes(b"no picture")
    return folder
