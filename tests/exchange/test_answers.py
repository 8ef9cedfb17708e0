from typing import Any

import pytest

from labeler.errors import Invalid
from labeler.exchange.parsing.annotations import as_votes
from labeler.exchange.rows import RejectedRow, VoteRow
from labeler.exchange.sources import Mapping, ReadOptions
from tests.exchange.reading import read


def votes(format_name: str, data: bytes, **columns: Any) -> list[VoteRow | RejectedRow]:
    options = ReadOptions(wants="annotations", mapping=Mapping(**columns))
    return list(as_votes(read(format_name, data, wants="annotations", mapping=options.mapping), options))


def test_one_answer_a_row_is_read() -> None:
    header = b"item,worker,answer,seconds,comment,created_at\n"
    lines = b"7,ann@x.org,cat,2.5,hm,2026-01-05T10:00:00Z\n8,bob@x.org,dog,,,\n"
    assert votes("csv", header + lines) == [
        VoteRow(1, "7", None, "ann@x.org", "cat", 2.5, "hm", "2026-01-05T10:00:00Z"),
        VoteRow(2, "8", None, "bob@x.org", "dog"),
    ]


def test_answers_can_name_their_item_by_its_text() -> None:
    assert votes("csv", b"text,annotator,label\nhi,ann,cat\n") == [VoteRow(1, None, "hi", "ann", "cat")]


def test_one_column_a_person_is_read() -> None:
    entries = votes("csv", b"id,ann,bob\n1,cat,dog\n2,,cat\n3,,\n", annotators=("ann", "bob"))
    assert [entry[:5] for entry in entries if isinstance(entry, VoteRow)] == [
        (1, "1", None, "ann", "cat"),
        (1, "1", None, "bob", "dog"),
        (2, "2", None, "bob", "cat"),
    ]
    assert [entry.reason for entry in entries if isinstance(entry, RejectedRow)] == ["nobody answered"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1,,cat", "nothing says who answered"),
        ("1,ann,", "there is no answer"),
        (",ann,cat", "nothing says which item"),
    ],
)
def test_what_is_missing_in_an_answer_is_named(line: str, reason: str) -> None:
    entries = votes("csv", f"id,annotator,label\n{line}\n2,bob,dog\n".encode())
    assert isinstance(entries[0], RejectedRow)
    assert reason in entries[0].reason
    assert isinstance(entries[1], VoteRow)


@pytest.mark.parametrize("seconds", ["-1", "nan", "inf", "soon"])
def test_a_time_that_is_none_never_costs_an_answer(seconds: str) -> None:
    (vote,) = votes("csv", f"id,annotator,label,seconds\n1,ann,cat,{seconds}\n".encode())
    assert isinstance(vote, VoteRow)
    assert vote.seconds is None


@pytest.mark.parametrize(
    ("header", "message"),
    [("a,annotator,label", "which item"), ("id,label", "who answered"), ("id,annotator", "for the answer")],
)
def test_a_table_that_lacks_a_column_of_answers_is_refused(header: str, message: str) -> None:
    with pytest.raises(Invalid, match=message):
        votes("csv", f"{header}\n{'x,' * header.count(',')}x\n".encode())
    with pytest.raises(Invalid, match='no column "carl"'):
        votes("csv", b"id,ann\n1,cat\n", annotators=("ann", "carl"))


def test_broken_votes_of_an_export_are_rejected() -> None:
    entries = votes("jsonl", b'{"id": "1", "votes": [{"annotator": "ann"}, 5]}\n{"id": "2", "votes": "{"}\n')
    assert [entry.reason for entry in entries if isinstance(entry, RejectedRow)] == [
        "a vote needs an annotator and a label",
        "a vote needs an annotator and a label",
        "not valid JSON",
    ]
