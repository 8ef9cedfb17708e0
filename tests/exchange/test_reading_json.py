import base64
import io
import json
import tracemalloc
from typing import Any

import pytest

from labeler.errors import Invalid
from labeler.exchange.formats.registry import READERS
from labeler.exchange.rows import RejectedRow, Row
from labeler.exchange.sources import Limits, ReadOptions, Source
from tests.exchange.reading import mapped, read, read_good, read_rejected

BOTH = pytest.mark.parametrize("format_name", ["jsonl", "json"])


def encoded(format_name: str, *objects: Any) -> bytes:
    if format_name == "json":
        return json.dumps(list(objects), ensure_ascii=False).encode()
    return "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in objects).encode()


@BOTH
def test_known_keys_are_parts_and_unknown_ones_metadata(format_name: str) -> None:
    data = encoded(format_name, {"id": 7, "text": "hi 😀", "label": "a", "page": 3, "metadata": {"source": [1]}})
    assert read_good(format_name, data) == [Row(1, "7", "hi 😀", None, "a", {"page": 3, "source": [1]})]


@BOTH
def test_keys_that_come_later_than_the_first_object_are_found(format_name: str) -> None:
    rows = read_good(format_name, encoded(format_name, {"text": "a"}, {"text": "b", "label": "x", "id": "1"}))
    assert [(row.external_id, row.given_label) for row in rows] == [(None, None), ("1", "x")]


@BOTH
@pytest.mark.parametrize(
    ("value", "column", "reason"),
    [
        (5, "", "an object is expected, not a number"),
        ([1], "", "an object is expected, not a list"),
        (None, "", "an object is expected, not null"),
        ({"text": 5}, "text", "a text is expected, not a number"),
        ({"text": ["a"]}, "text", "a text is expected, not a list"),
        ({"label": "a"}, "text", 'there is no "text"'),
        ({"text": None}, "text", 'there is no "text"'),
        ({"text": "  "}, "text", "the text is empty"),
        ({"text": "a", "label": {"b": 1}}, "label", "one text or whole number is expected, not an object"),
        ({"text": "a", "label": ["b", "c"]}, "label", "one text or whole number is expected, not several values"),
        ({"text": "a", "id": 1.5}, "id", "one text or whole number is expected, not a number"),
        ({"text": "a", "id": True}, "id", "one text or whole number is expected, not true or false"),
    ],
)
def test_a_wrong_type_costs_only_its_row(format_name: str, value: Any, column: str, reason: str) -> None:
    good = {"id": "g", "text": "good", "label": "x"}
    rejected = read_rejected(format_name, encoded(format_name, good, value, good))
    assert (rejected.number, rejected.column, rejected.reason) == (2, column, reason)


@BOTH
def test_a_label_alone_in_a_list_is_that_label(format_name: str) -> None:
    rows = read_good(format_name, encoded(format_name, {"text": "a", "label": ["x"]}, {"text": "b", "label": []}))
    assert [row.given_label for row in rows] == ["x", None]


@BOTH
@pytest.mark.parametrize(
    ("written", "reason"),
    [(rb'"\ud800"', "half of a surrogate pair"), (rb'"a\u0000"', "NUL"), (rb'{"k": ["\udfff"]}', "surrogate")],
)
def test_escapes_that_spell_no_character_cost_only_their_row(format_name: str, written: bytes, reason: str) -> None:
    line = b'{"text": "b", "extra": ' + written + b"}"
    data = b"\n".join([b'{"text": "a"}', line, b'{"text": "c"}'])
    rejected = read_rejected(format_name, b"[" + data.replace(b"\n", b",") + b"]" if format_name == "json" else data)
    assert rejected.number == 2
    assert reason in rejected.reason


@BOTH
def test_escapes_that_spell_characters_are_read(format_name: str) -> None:
    line = rb'{"text": "\ud83d\ude00 \u00e9 \\u0000"}'
    (row,) = read_good(format_name, b"[" + line + b"]" if format_name == "json" else line)
    assert row.text == "😀 é \\u0000"


@BOTH
def test_bytes_that_are_not_utf_8_cost_only_their_row(format_name: str) -> None:
    lines = [b'{"text": "caf\xc3\xa9"}', b'{"text": "caf\xe9"}', b'{"text": "tea"}']
    data = b"[" + b",".join(lines) + b"]" if format_name == "json" else b"\n".join(lines)
    rejected = read_rejected(format_name, data)
    assert rejected.number == 2
    assert f"byte 0xE9 at byte {data.index(b'caf' + bytes([0xE9])) + 3} of the file" in rejected.reason


@BOTH
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_byte_order_marks_are_understood(format_name: str, encoding: str) -> None:
    data = encoded(format_name, {"text": "ž 😀"}).decode().encode(encoding)
    assert read_good(format_name, data)[0].text == "ž 😀"


@BOTH
def test_numbers_that_json_does_not_know_are_refused_but_a_missing_one_is_none(format_name: str) -> None:
    data = encoded(format_name, {"text": "a"}, {"text": "b", "score": float("inf")})
    rejected = [entry for entry in read(format_name, data) if isinstance(entry, RejectedRow)]
    assert "Infinity is not JSON" in rejected[0].reason
    data = encoded(format_name, {"text": "a", "label": float("nan"), "price": float("nan")})
    (row,) = read_good(format_name, data, classes=("pos",))
    assert (row.given_label, row.metadata) == (None, {"price": None})


@BOTH
def test_objects_without_the_wanted_key_are_refused_together(format_name: str) -> None:
    with pytest.raises(Invalid, match=r"Columns found: title, n\..*--text-column"):
        read(format_name, encoded(format_name, {"title": "a", "n": 1}))


@BOTH
def test_a_key_can_be_named(format_name: str) -> None:
    (row,) = read_good(format_name, encoded(format_name, {"title": "a", "text": "b"}), **mapped(text="title"))
    assert (row.text, row.metadata) == ("a", {"text": "b"})


@BOTH
def test_values_that_are_no_objects_are_refused(format_name: str) -> None:
    with pytest.raises(Invalid, match="must hold objects"):
        read(format_name, encoded(format_name, "a", "b"))


@BOTH
def test_nothing_gives_no_rows(format_name: str) -> None:
    assert read(format_name, encoded(format_name)) == []


@BOTH
def test_nesting_without_end_is_refused_not_fatal(format_name: str) -> None:
    deep = b'{"text": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    data = b"[" + deep + b"]" if format_name == "json" else b'{"text": "a"}\n' + deep + b"\n"
    rejected = [entry for entry in read(format_name, data) if isinstance(entry, RejectedRow)]
    assert len(rejected) == 1


@BOTH
def test_images_come_as_base64(format_name: str) -> None:
    pixels = bytes(range(256))
    plain = base64.b64encode(pixels).decode()
    data = encoded(format_name, {"image": plain}, {"image": "data:image/png;base64," + plain}, {"image": "cat.png"})
    entries = read(format_name, data, media="image")
    assert [entry.image and entry.image() for entry in entries if isinstance(entry, Row)] == [pixels, pixels]
    assert isinstance(entries[2], RejectedRow)


def test_an_image_over_the_limit_or_not_base64_is_said_when_it_is_loaded() -> None:
    data = encoded("jsonl", {"image": "A" * 400}, {"image": "data:image/png;base64,A*A="})
    rows = read_good("jsonl", data, media="image", limits=Limits(image_bytes=100))
    for row, reason in zip(rows, ("larger than 100 bytes", "not valid base64"), strict=True):
        assert row.image is not None
        with pytest.raises(Invalid, match=reason):
            row.image()


def test_blank_lines_are_ignored_and_broken_lines_named() -> None:
    entries = read("jsonl", b'{"text": "a"}\n\n   \n{"text": \n{"text": "b"}\n')
    assert [entry.number for entry in entries] == [1, 2, 3]
    assert isinstance(entries[1], RejectedRow)
    assert "not valid JSON" in entries[1].reason
    assert "(line 4)" in entries[1].reason


def test_a_list_of_only_broken_lines_gives_only_rejections() -> None:
    assert [type(entry) for entry in read("jsonl", b"{\n}\n")] == [RejectedRow, RejectedRow]


@pytest.mark.parametrize("data", [b"", b"{}", b"  hello", b"5"])
def test_json_that_is_no_list_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid, match="must be a list of objects"):
        read("json", data)


@pytest.mark.parametrize("tail", [b'{"text": "b"', b'{"text": "b"}', b'{"text": "b"} {"text": "c"}]', b'"b'])
def test_what_follows_a_break_in_a_list_is_said_to_be_lost(tail: bytes) -> None:
    entries = read("json", b'[{"text": "a"},' + tail)
    assert isinstance(entries[0], Row)
    assert isinstance(entries[1], RejectedRow)
    assert "what follows was not read" in entries[1].reason
    assert "near byte 15" in entries[1].reason


def test_a_list_longer_than_a_block_is_read_whole() -> None:
    objects = [{"id": number, "text": f"ž{number} " + "é😀x" * (number % 50)} for number in range(20_000)]
    data = json.dumps(objects, ensure_ascii=False, indent=1).encode()
    rows = read_good("json", data)
    assert [(row.number, row.text) for row in rows] == [(n + 1, value["text"]) for n, value in enumerate(objects)]


def test_a_character_cut_by_a_block_is_not_taken_for_a_bad_byte() -> None:
    for shift in range(4):
        data = b"[" + b" " * (256 * 1024 - 14 + shift) + '{"text": "😀é€"}'.encode() + b"]"
        assert read_good("json", data)[0].text == "😀é€"


def test_one_object_larger_than_a_block_is_read() -> None:
    text = "x" * 900_000
    assert read_good("json", encoded("json", {"text": text}, {"text": "b"}))[0].text == text


def test_memory_does_not_grow_with_the_length_of_the_list() -> None:
    data = b"[" + b",".join([b'{"id": 1, "text": "some text of a usual length"}'] * 60_000) + b"]"
    source = Source.sent(io.BytesIO(data), "t.json")
    tracemalloc.start()
    count = sum(1 for _ in READERS["json"].read(source, ReadOptions()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 60_000
    assert peak < 4_000_000
