import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeler.errors import Invalid
from labeler.exchange.formats.base import ExportContext
from labeler.exchange.formats.detection import detect
from labeler.exchange.formats.registry import WRITERS
from labeler.exchange.rows import ExportRow, RejectedRow, Row
from tests.exchange.reading import read, read_good

CLASSES = ("cat", "big dog", "big_dog?", "né")


def written(rows: list[ExportRow], task: str = "classification", classes: tuple[str, ...] = CLASSES) -> str:
    context = ExportContext("p", "P", "text", task, classes, "2026-02-03T10:00:00Z")
    return b"".join(WRITERS["fasttext"].write(rows, context)).decode()


def row(text: str, label: str | None = None, labels: list[str] | None = None) -> ExportRow:
    bare = ExportRow(1, "i", text, None, "text", None, None, label, None, None)
    return bare if labels is None else bare._replace(final_value={"labels": labels})


def test_several_labels_before_and_behind_the_text_are_all_labels() -> None:
    (found,) = read_good("fasttext", b"__label__a __label__b Hello  there __label__c\n", task="multilabel")
    assert (found.text, found.given_value) == ("Hello  there", {"labels": ["a", "b", "c"]})


def test_where_one_is_asked_for_several_are_none_and_that_is_told() -> None:
    one, two = read_good("fasttext", b"__label__a __label__b Hello\n__label__a Hi\n")
    assert (one.given_label, one.left_out) == (
        None,
        (("several labels, where one is asked for; the item has none", 1),),
    )
    assert (two.given_label, two.left_out) == ("a", ())


def test_a_label_within_the_text_stays_text_and_is_told() -> None:
    (found,) = read_good("fasttext", b"__label__a one __label__b two\n")
    assert (found.text, found.given_label) == ("one __label__b two", "a")
    assert found.left_out[0][1] == 1


def test_a_line_with_a_byte_order_mark_and_one_in_windows_1252() -> None:
    (found,) = read_good("fasttext", b"\xef\xbb\xbf__label__a Hello\r\n")
    assert (found.text, found.given_label) == ("Hello", "a")
    (found,) = read_good("fasttext", "__label__né Grüße\n".encode("cp1252"), encoding="cp1252")
    assert (found.text, found.given_label) == ("Grüße", "né")


@pytest.mark.parametrize("label", ["nan", "NaN", "None"])
def test_a_word_for_no_label_is_none_unless_a_class_is_called_so(label: str) -> None:
    line = f"__label__{label} Hello\n".encode()
    assert read_good("fasttext", line, classes=("a",))[0].given_label is None
    assert read_good("fasttext", line, classes=("a", label))[0].given_label == label


def test_bad_lines_cost_their_item_alone() -> None:
    found = read("fasttext", b"__label__a one\n__label__b\n__label__a t\xff\n\n__label__a two\n")
    assert [entry.text for entry in found if isinstance(entry, Row)] == ["one", "two"]
    assert [(entry.number, entry.reason[:17]) for entry in found if isinstance(entry, RejectedRow)] == [
        (2, "the text is empty"),
        (3, "not valid UTF-8: "),
    ]


def test_blanks_in_names_go_out_as_an_underscore_and_come_back() -> None:
    text = written([row("Hello", "big dog"), row("Hi", "big_dog?")])
    assert text == "__label__big_dog Hello\n__label__big_dog? Hi\n"
    assert [one.given_label for one in read_good("fasttext", text.encode(), classes=CLASSES)] == ["big dog", "big_dog?"]


def test_classes_that_would_be_spelled_alike_are_refused() -> None:
    with pytest.raises(Invalid, match='"a b" and "a_b" alike'):
        written([row("Hello", "a b")], classes=("a b", "a_b"))


def test_what_a_line_cannot_hold_is_counted() -> None:
    context = ExportContext("p", "P", "text", "classification", CLASSES, "2026-02-03T10:00:00Z")
    rows = [row("a\nb", "cat"), row("see __label__cat", "cat"), row("c")]
    data = b"".join(WRITERS["fasttext"].write(rows, context)).decode()
    assert data == "__label__cat a b\n__label__cat see __label__cat\nc\n"
    assert sorted(loss.count for loss in context.report.losses.values()) == [1, 1, 1]


def test_it_is_known_by_its_first_label() -> None:
    assert detect("train.txt", b"__label__a, and more, of it\n").format == "fasttext"


words = st.text("ab é,|=", min_size=1, max_size=9).filter(lambda text: bool(text.strip()))


@given(st.lists(st.tuples(words, st.sets(st.sampled_from(CLASSES), min_size=1)), min_size=1, max_size=4))
def test_texts_and_labels_come_back(cases: list[tuple[str, set[str]]]) -> None:
    rows = [row(text.strip(), labels=sorted(labels)) for text, labels in cases]
    found = read_good("fasttext", written(rows, "multilabel").encode(), task="multilabel", classes=CLASSES)
    assert [(one.text, one.given_value) for one in found] == [(one.text, one.final_value) for one in rows]
