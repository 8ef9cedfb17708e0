"""What other tools write beside a label keeps its meaning: no label is invented, nothing is lost without a word."""

import io
import json
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from labeler.errors import Invalid
from labeler.exchange.formats.detection import detect
from labeler.exchange.formats.registry import READERS
from labeler.exchange.left_out import MOST_KINDS, OTHERS, kind_of, merged
from labeler.exchange.parsing.annotations import as_votes
from labeler.exchange.parsing.encodings import check_readable, known_name
from labeler.exchange.reading import open_rows
from labeler.exchange.rows import RejectedRow, Row
from labeler.exchange.sources import ReadOptions, Source
from tests.exchange.datasets import annotation, bad, coco, good, image, picture, read_set
from tests.exchange.reading import read_good, read_rejected

SPANS: dict[str, Any] = {"task": "spans", "classes": ("PER", "ORG", "LOC")}
PER = {"label": "PER", "start": 0, "end": 3}


def jsonl(*objects: Any) -> bytes:
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in objects).encode()


# -- Prodigy --------------------------------------------------------------------------------------------------------


def test_only_an_accepted_label_of_prodigy_is_a_label() -> None:
    span = {**PER, "token_start": 0, "token_end": 0}
    rows = read_good(
        "jsonl",
        jsonl(
            {"text": "Ada met IBM.", "tokens": [], "spans": [span], "answer": "accept"},
            {"text": "Bob is no one.", "spans": [span], "answer": "reject"},
            {"text": "Carl skipped.", "spans": [span], "answer": "ignore"},
        ),
        **SPANS,
    )
    assert [row.given_value for row in rows] == [{"spans": [PER]}, None, None]
    assert rows[1].metadata == {"answer": "reject", "rejected_spans": [span]}
    assert [bool(row.left_out) for row in rows] == [False, True, True]


@pytest.mark.parametrize(
    ("entry", "label"),
    [
        ({"label": "pos", "answer": "accept"}, "pos"),
        ({"label": "pos", "answer": "reject"}, None),
        ({"label": "pos", "answer": "ignore"}, None),
        ({"options": [{"id": "pos"}], "accept": ["neg"], "answer": "accept"}, "neg"),
        ({"options": [{"id": "pos"}], "accept": ["neg"], "answer": "ignore"}, None),
        ({"accept": [], "answer": "accept"}, None),
    ],
)
def test_a_class_counts_only_where_it_was_accepted(entry: dict[str, Any], label: str | None) -> None:
    (row,) = read_good("jsonl", jsonl({"text": "Good", **entry}), classes=("pos", "neg"))
    assert row.given_label == label


def test_a_rejected_suggestion_is_nobodys_answer() -> None:
    told = ReadOptions(wants="annotations", classes=("pos", "neg"))
    data = jsonl(
        {"text": "a", "label": "pos", "answer": "accept", "_annotator_id": "ann"},
        {"text": "b", "label": "pos", "answer": "reject", "_annotator_id": "ann"},
    )
    entries = list(as_votes(READERS["jsonl"].read(Source.sent(io.BytesIO(data), "x.jsonl"), told), told))
    assert [type(entry).__name__ for entry in entries] == ["VoteRow", "RejectedRow"]


def test_classes_called_accept_and_reject_are_classes() -> None:
    data = jsonl({"text": "a", "label": "reject", "answer": "reject"})
    (row,) = read_good("jsonl", data, classes=("accept", "reject", "ignore"))
    assert row.given_label == "reject"


def test_a_table_of_prodigy_is_judged_like_its_json_lines() -> None:
    rows = read_good("csv", b"text,label,answer\na,pos,accept\nb,pos,reject\n", classes=("pos", "neg"))
    assert [row.given_label for row in rows] == ["pos", None]


# -- more fields than are known -------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["spans", "entities"])
def test_a_span_may_quote_its_text(key: str) -> None:
    (row,) = read_good("jsonl", jsonl({"text": "Ada met IBM", key: [{**PER, "text": "Ada"}]}), **SPANS)
    assert (row.given_value, row.left_out) == ({"spans": [PER]}, ())
    rejected = read_rejected("jsonl", jsonl({"text": "Ada met IBM", key: [{**PER, "text": "IBM"}]}), **SPANS)
    assert "another text" in rejected.reason


def test_a_quoted_span_behind_an_emoji_may_count_utf_16() -> None:
    (row,) = read_good(
        "jsonl", jsonl({"text": "😀 Ada", "spans": [{"label": "PER", "start": 3, "end": 6, "text": "Ada"}]}), **SPANS
    )
    assert row.given_value == {"spans": [{"label": "PER", "start": 2, "end": 5}]}


def test_a_field_that_cannot_be_held_is_counted_and_a_turned_box_refused() -> None:
    sides = {"label": "cat", "x": 1, "y": 1, "width": 2, "height": 2}
    told: dict[str, Any] = {"media": "text", "task": "spans", "classes": ("PER",)}
    (row,) = read_good("jsonl", jsonl({"text": "Ada", "spans": [{**PER, "kb_id": "Q7", "id": 3}]}), **told)
    assert [count for _, count in row.left_out] == [1, 1]
    files: dict[str, bytes | str] = {"a.jpg": picture()}
    for turn, label in ((0, {"boxes": [sides]}), (90, None)):
        table = json.dumps({"file_name": "a.jpg", "objects": [{**sides, "rotation": turn}]})
        entries = read_set("zip", {**files, "metadata.jsonl": table})
        assert [row.given_value for row in good(entries)] == [label]
        assert any("turned" in reason for reason in bad(entries)) == bool(turn)


def test_the_short_form_of_label_studio_is_read() -> None:
    entry = {"text": "Ada met IBM.", "id": 1, "label": [
        {"start": 0, "end": 3, "text": "Ada", "labels": ["PER"]},
        {"start": 8, "end": 11, "text": "IBM", "labels": ["ORG"]},
    ]}  # fmt: skip
    (row,) = read_good("json", json.dumps([entry]).encode(), **SPANS)
    assert row.given_value == {"spans": [PER, {"label": "ORG", "start": 8, "end": 11}]}


# -- empty cells ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["nan", "NaN", "", "null", "None", "<NA>", "N/A"])
def test_a_missing_cell_is_no_class_unless_one_is_called_so(cell: str) -> None:
    table = f"text,label\na,pos\nb,{cell}\n".encode()
    assert [row.given_label for row in read_good("csv", table, classes=("pos", "neg"))] == ["pos", None]
    assert [row.given_label for row in read_good("jsonl", jsonl({"text": "b", "label": cell}), classes=("pos",))] == [
        None
    ]
    assert [row.given_value for row in read_good("csv", table, task="multilabel", classes=("pos", "neg"))][1] is None
    if cell:
        assert read_good("csv", table, classes=("pos", cell))[1].given_label == cell


def test_a_table_with_a_column_a_person_has_no_answer_where_a_cell_is_missing() -> None:
    from labeler.exchange.sources import Mapping

    told = ReadOptions(wants="annotations", classes=("pos",), mapping=Mapping(annotators=("ann", "bob")))
    rows = READERS["csv"].read(Source.sent(io.BytesIO(b"id,ann,bob\n1,pos,nan\n"), "x.csv"), told)
    assert [getattr(vote, "annotator", None) for vote in as_votes(rows, told)] == ["ann"]


# -- encodings and the line of Excel --------------------------------------------------------------------------------


def written(folder: Path, name: str, data: bytes) -> Source:
    (folder / name).write_bytes(data)
    return Source.local(folder / name)


def test_a_file_in_another_encoding_is_refused_whole_with_the_option_that_reads_it(tmp_path: Path) -> None:
    text = "id;text;label\n1;Müller sagt „ja“ \N{EN DASH} 5 €;pos\n2;ok;neg\n"
    source = written(tmp_path, "excel.csv", text.encode("cp1252"))
    with pytest.raises(Invalid, match="--encoding cp1252"):
        open_rows(source, None, ReadOptions())
    _, rows = open_rows(source, None, ReadOptions(encoding="Windows-1252"))
    assert [row.text for row in rows if isinstance(row, Row)] == ["Müller sagt „ja“ \N{EN DASH} 5 €", "ok"]


@pytest.mark.parametrize(
    ("data", "advice"),
    [
        ("text\n" + "Привет, мир\n" * 9, "encoding"),
        ("text\nhello there\n", "utf-16-le"),
    ],
)
def test_other_encodings_are_noticed_too(data: str, advice: str, tmp_path: Path) -> None:
    encoding = "utf-16-le" if advice == "utf-16-le" else "cp1251"
    with pytest.raises(Invalid, match=advice):
        check_readable(written(tmp_path, "a.csv", data.encode(encoding)), ReadOptions())


@pytest.mark.parametrize(
    "data", [b"id,text\n1,caf\xc3\xa9\n2,b\xe9d\n", b"id,text\n1,b\xff\xfed\n", b"\xff\xfet\0", b""]
)
def test_a_damaged_line_or_a_marked_file_is_no_other_encoding(data: bytes, tmp_path: Path) -> None:
    check_readable(written(tmp_path, "a.csv", data), ReadOptions())


def test_an_encoding_goes_by_any_of_its_names_and_an_unknown_one_is_refused() -> None:
    assert [known_name(name) for name in ("Windows-1252", "UTF8", "latin1", "SJIS")] == [
        "cp1252", "utf-8", "latin-1", "shift_jis",
    ]  # fmt: skip
    for name in ("rot13", "nonsense", "base64"):
        with pytest.raises(Invalid, match="not known"):
            known_name(name)


@pytest.mark.parametrize("line", ["sep=;", '"sep=;"', "SEP=;"])
def test_the_line_that_tells_excel_the_separator_is_no_header(line: str) -> None:
    rows = read_good("csv", f"{line}\nid;text;label\n1;a, b, c;pos\n2;ok;neg\n".encode())
    assert [(row.external_id, row.text, row.given_label) for row in rows] == [
        ("1", "a, b, c", "pos"),
        ("2", "ok", "neg"),
    ]


# -- detection ------------------------------------------------------------------------------------------------------


def test_answers_that_look_like_doccano_are_read_with_who_gave_them(tmp_path: Path) -> None:
    entry = {"id": "1", "annotator": "a@example.org", "label": [[0, 3, "PER"]]}
    told = ReadOptions(wants="annotations", **SPANS)
    for name, data in (("v.jsonl", jsonl(entry)), ("v.json", json.dumps([entry]).encode())):
        _, rows = open_rows(written(tmp_path, name, data), None, told)
        (vote,) = as_votes(rows, told)
        assert not isinstance(vote, RejectedRow)
        assert (vote.annotator, vote.value) == ("a@example.org", {"spans": [PER]})


@pytest.mark.parametrize(
    ("names", "word"),
    [
        (("xl/workbook.bin", "[Content_Types].xml"), "spreadsheet"),
        (("_rels/.rels", "xl/workbook.bin"), "spreadsheet"),
        (("word/document.xml", "[Content_Types].xml"), "text document"),
    ],
)
def test_a_document_of_an_office_program_is_named_whatever_the_order_of_its_parts(
    names: tuple[str, ...], word: str, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "table.xlsx", "w") as archive:
        for name in names:
            archive.writestr(name, "x" * 9000)
    with pytest.raises(Invalid, match=word):
        detect(Source.local(tmp_path / "table.xlsx"))


# -- pictures -------------------------------------------------------------------------------------------------------


def test_a_zip_made_on_windows_has_folders() -> None:
    entries = read_set("zip", {"cat\\a.jpg": picture(), "dog\\b.jpg": picture(60)}, "classification")
    assert [(row.external_id, row.given_label) for row in good(entries)] == [("cat/a.jpg", "cat"), ("dog/b.jpg", "dog")]
    entries = read_set("zip", {"..\\a.jpg": picture(), "b.jpg": picture()}, "classification")
    assert (len(good(entries)), bad(entries)) == (1, ["its name leads out of the archive"])


@pytest.mark.parametrize("ending", ["jfif", "JPE", "pjpeg"])
def test_every_ending_of_a_jpeg_is_one_of_a_picture(ending: str) -> None:
    (row,) = good(read_set("zip", {f"cat/a.{ending}": picture(), "dog/b.jpg": picture(60)}, "classification"))[:1]
    assert row.given_label == "cat"


def test_a_crowd_a_mask_or_an_unlisted_category_costs_itself_and_not_its_picture() -> None:
    crowd = annotation(2, iscrowd=1, segmentation={"counts": [1, 2], "size": [5, 5]})
    unlisted = annotation(3, category_id=1)
    fine = annotation(segmentation=[[10, 5, 30, 5, 20, 15]])
    files: dict[str, bytes | str] = {"a.jpg": picture(), "c.json": coco([image()], [fine, crowd, unlisted])}
    (row,) = good(read_set("coco", files, "polygons"))
    assert len((row.given_value or {})["polygons"]) == 1
    assert [count for _, count in row.left_out] == [1, 1]
    assert row.file == "a.jpg"
    (row,) = good(read_set("coco", {**files, "c.json": coco([image()], [crowd])}, "polygons"))
    assert row.given_value is None, "a picture whose only object is left out is not an empty one"
    mask = annotation(segmentation={"counts": "abc", "size": [5, 5]})
    (row,) = good(read_set("coco", {**files, "c.json": coco([image()], [mask])}))
    assert (row.left_out, len((row.given_value or {})["boxes"])) == ((), 1)
    assert [count for _, count in row.not_asked] == [1]
    (row,) = good(read_set("coco", {**files, "c.json": coco([image()], [mask])}, "polygons"))
    assert (len(row.left_out), row.given_value) == (1, None)


LINE = "0 0.5 0.5 0.2 0.4\n"
BOX = {"label": "cat", "x": 40, "y": 15, "width": 20, "height": 20}


@pytest.mark.parametrize(
    ("shown", "label"),
    [
        ("Images/1.jpg", "Labels/1.txt"),
        ("IMAGES/train/1.jpg", "labels/train/1.txt"),
        ("images/1.jpg", "annotations/1.txt"),
        ("pictures/IMG_1.JPG", "labels/img_1.txt"),
        ("images/1.jpg", "labels/1.jpg.txt"),
    ],
)
def test_a_label_file_is_matched_wherever_it_lies(shown: str, label: str) -> None:
    entries = read_set("yolo", {"classes.txt": "cat\ndog\n", shown: picture(), label: LINE})
    assert bad(entries) == []
    (row,) = good(entries)
    assert row.given_value == {"boxes": [BOX]}


def test_a_label_file_of_no_picture_is_named_and_then_no_picture_is_called_empty() -> None:
    files: dict[str, bytes | str] = {"classes.txt": "cat\n", "images/1.jpg": picture(), "images/2.jpg": picture()}
    entries = read_set("yolo", {**files, "labels/1.txt": LINE, "labels/x2.txt": LINE, "notes.txt": "hello there"})
    assert [row.given_value for row in good(entries)] == [{"boxes": [BOX]}, None]
    (rejected,) = [entry for entry in entries if isinstance(entry, RejectedRow)]
    assert (rejected.file, "no picture" in rejected.reason) == ("labels/x2.txt", True)


def test_a_name_file_that_python_wrote_is_read() -> None:
    yaml = 'names:\n- "K\\xF6nig"\n- "Fu\\xDFg\\xE4nger"\nnc: 2\n'
    told = ReadOptions(media="image", task="boxes", classes=("König", "Fußgänger"))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("data.yaml", yaml)
        archive.writestr("images/1.jpg", picture())
        archive.writestr("labels/1.txt", "1 0.5 0.5 0.2 0.4")
    (row,) = good(list(READERS["yolo"].read(Source.sent(buffer, "s.zip"), told)))
    assert row.given_value == {"boxes": [{**BOX, "label": "Fußgänger"}]}


def test_what_is_left_out_of_a_dataset_has_the_name_of_its_file() -> None:
    files: dict[str, bytes | str] = {"data.yaml": "names: [cat, dog]"}
    for name, line in (("1", LINE), ("2", "7 0.5 0.5 0.2 0.2"), ("10", "0 0.5 0.5 0 0")):
        files |= {f"images/{name}.jpg": picture(), f"labels/{name}.txt": line}
    entries = read_set("yolo", files)
    assert sorted(entry.file for entry in entries if isinstance(entry, RejectedRow)) == [
        "images/10.jpg",
        "images/2.jpg",
    ]


# -- CoNLL ----------------------------------------------------------------------------------------------------------


def test_a_sentence_that_stands_again_is_an_item_again() -> None:
    data = b"LONDON B-LOC\n\nAda B-PER\nwon O\n\nLONDON B-LOC\n\nLONDON B-ORG\n\n"
    rows = read_good("conll", data, **SPANS)
    assert [row.text for row in rows] == ["LONDON", "Ada won", "LONDON", "LONDON"]
    ids = [row.external_id for row in rows]
    assert ids[:2] == [None, None]
    assert len(set(ids[2:])) == 2
    assert [row.external_id for row in read_good("conll", data, **SPANS)] == ids


# -- kinds ----------------------------------------------------------------------------------------------------------


def test_reasons_of_one_kind_are_counted_together() -> None:
    assert kind_of("line 3: the class 7 has no name") == kind_of("line 1: the class 12 has no name")
    assert kind_of("'nan' is not a class of this project; it has a, b.") == "… is not a class of this project; it has …"
    many = merged(Counter(), [(f"kind {number}", 1) for number in range(MOST_KINDS)])
    assert merged(many, [("another", 2), ("one more", 1)])[OTHERS] == 3


def test_what_a_prediction_says_beyond_what_can_be_held_is_counted() -> None:
    span = {**PER, "note": "sure"}
    rows = read_good("jsonl", jsonl({"text": "Ada met IBM.", "prediction": [span]}), **SPANS)
    assert rows[0].prediction == {"spans": [PER]}
    assert [count for _, count in rows[0].left_out] == [1]
