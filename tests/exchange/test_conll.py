import pytest

from labeler.errors import Invalid
from labeler.exchange.formats.base import ExportContext
from labeler.exchange.formats.conll.write import EMPTY, MOVED, OVERLAPPING, UNLABELED
from labeler.exchange.formats.registry import WRITERS
from labeler.exchange.parsing.tokens import tokens_of
from labeler.exchange.rows import ExportRow, RejectedRow, Row
from tests.exchange.reading import read

CLASSES = ("PER", "LOC", "big city")


def sentences(text: str) -> list[Row | RejectedRow]:
    return read("conll", text.encode(), task="spans", classes=CLASSES)


def spans(tags: str) -> list[tuple[int, int, str]]:
    """Read one sentence of one-letter tokens; return its spans in tokens."""
    lines = "".join(f"{chr(97 + number)} {tag}\n" for number, tag in enumerate(tags.split()))
    (row,) = sentences(lines)
    assert isinstance(row, Row)
    assert row.given_value is not None
    return [(span["start"] // 2, span["end"] // 2 + 1, span["label"]) for span in row.given_value["spans"]]


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("O O", []),
        ("B-PER I-PER O", [(0, 2, "PER")]),
        ("I-PER I-PER B-PER O", [(0, 2, "PER"), (2, 3, "PER")]),
        ("B-PER B-PER", [(0, 1, "PER"), (1, 2, "PER")]),
        ("I-PER I-LOC", [(0, 1, "PER"), (1, 2, "LOC")]),
        ("S-PER B-LOC E-LOC S-LOC", [(0, 1, "PER"), (1, 3, "LOC"), (3, 4, "LOC")]),
        ("U-PER B-LOC I-LOC L-LOC I-LOC", [(0, 1, "PER"), (1, 4, "LOC"), (4, 5, "LOC")]),
        ("S-PER I-PER", [(0, 1, "PER"), (1, 2, "PER")]),
        ("B-a-b I-a-b", [(0, 2, "a-b")]),
        ("B-big_city", [(0, 1, "big city")]),
    ],
)
def test_every_scheme_of_tags_is_read(tags: str, expected: list[tuple[int, int, str]]) -> None:
    assert spans(tags) == expected


def test_a_sentence_is_an_item_with_its_columns_and_document() -> None:
    rows = sentences(
        "-DOCSTART- -X- O O\n\nAda NNP B-NP B-PER\n\U0001f600 SYM O O\n\n\n-DOCSTART- -X- O O\n\nHi UH O O"
    )
    assert [(row.text, row.metadata) for row in rows if isinstance(row, Row)] == [
        ("Ada \U0001f600", {"tokenized": True, "pos": "NNP SYM", "chunk": "B-NP O", "document": 1}),
        ("Hi", {"tokenized": True, "pos": "UH", "chunk": "O", "document": 2}),
    ]


def test_comments_tabs_and_a_hash_as_a_token_are_told_apart() -> None:
    first, second = sentences("# sent_id = 3\nAda\tB-PER\n\n# O\n1 O\n")
    assert isinstance(first, Row)
    assert isinstance(second, Row)
    assert (first.text, second.text) == ("Ada", "# 1")


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("Ada\n", "a token and its tag"),
        ("Ada X O\nB O\n", "line 2: 2 columns"),
        ("Ada PER\n", "tag 'PER'"),
        ("Ada B-\n", "tag 'B-'"),
        ("Ada -\n", "tag '-'"),
    ],
)
def test_a_sentence_that_cannot_be_read_is_left_out_and_the_next_comes(lines: str, reason: str) -> None:
    first, second = sentences(f"{lines}\nHi O\n")
    assert isinstance(first, RejectedRow)
    assert reason in first.reason
    assert isinstance(second, Row)


def test_bytes_that_are_no_text_cost_their_sentence_only() -> None:
    entries = read("conll", b"Ad\xff O\nb O\n\nHi O\n", task="spans")
    assert [type(entry) for entry in entries] == [RejectedRow, Row]


@pytest.mark.parametrize("told", [{"task": "classification"}, {"task": "spans", "wants": "annotations"}])
def test_projects_that_ask_for_something_else_are_refused(told: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        read("conll", b"Hi O\n", **told)


def written(text: str, *marked: tuple[int, int, str]) -> tuple[str, ExportContext]:
    value = {"spans": [{"start": start, "end": end, "label": label} for start, end, label in marked]}
    row = ExportRow(7, None, text, None, "text", None, None, "words", "given", None, final_value=value)
    context = ExportContext("p", "P", "text", "spans", CLASSES, "2026-02-03T10:00:00Z")
    return b"".join(WRITERS["conll"].write([row], context)).decode(), context


def test_bio_goes_out_over_words_and_marks() -> None:
    out, context = written("Ada, in New York!", (0, 3, "PER"), (8, 16, "big city"))
    assert out == (
        "-DOCSTART- -X- O O\n\nAda -X- _ B-PER\n, -X- _ O\nin -X- _ O\n"
        "New -X- _ B-big_city\nYork -X- _ I-big_city\n! -X- _ O\n\n"
    )
    assert context.report.losses == {}


def test_spans_that_do_not_fit_are_moved_or_left_out_and_counted() -> None:
    _, context = written("unhappy people  here", (2, 7, "PER"), (0, 14, "LOC"), (14, 16, "LOC"), (15, 20, "LOC"))
    told = {sentence: (loss.count, loss.items) for sentence, loss in context.report.losses.items()}
    assert told == {OVERLAPPING: (1, [7]), EMPTY: (1, [7]), MOVED: (1, [7])}


def test_an_item_nobody_labeled_is_counted() -> None:
    context = ExportContext("p", "P", "text", "spans", CLASSES, "2026-02-03T10:00:00Z")
    rows = [ExportRow(item, None, "hi", None, "text", None, None, None, None, None) for item in range(9)]
    list(WRITERS["conll"].write(rows, context))
    loss = context.report.losses[UNLABELED]
    assert (loss.count, loss.items) == (9, [0, 1, 2, 3, 4])
    assert context.report.lines()[1].endswith("Items: 0, 1, 2, 3, 4, …")


def test_classes_that_conll_cannot_tell_apart_are_refused() -> None:
    context = ExportContext("p", "P", "text", "spans", ("a b", "a_b"), "2026-02-03T10:00:00Z")
    with pytest.raises(Invalid, match="blanks and underscores"):
        list(WRITERS["conll"].write([], context))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hi, you!", ["Hi", ",", "you", "!"]),
        ("l'été 3.5%", ["l", "'", "été", "3", ".", "5", "%"]),
        ("e\u0301te\u0301", ["e\u0301te\u0301"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("\U0001f468\u200d\U0001f692 ok", ["\U0001f468\u200d", "\U0001f692", "ok"]),
        ("\u05e9\u05dc\u05d5\u05dd, \u0627\u0644", ["\u05e9\u05dc\u05d5\u05dd", ",", "\u0627\u0644"]),
        (" \n", []),
    ],
)
def test_tokens_never_cut_inside_a_character(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in tokens_of(text)] == expected
