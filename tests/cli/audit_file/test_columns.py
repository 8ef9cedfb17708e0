"""Which column is what: asked for, named as usual, or plain to see; else an error that lists them."""

from collections.abc import Callable

import pytest

from labeler.cli.audit_file.columns import Chosen, choose
from labeler.errors import Invalid

TEXTS = [f"a sentence about thing number {number}" for number in range(40)]
KINDS = ["good", "bad"] * 20
FILES = [f"pictures/{number}.png" for number in range(40)]
NUMBERS = [f"{number / 7:.3f}" for number in range(40)]


def chosen(sample: dict[str, list[str]], text: str = "", image: str = "", label: str = "") -> Chosen:
    return choose(list(sample), "a.csv", text=text, image=image, label=label, look=lambda: sample)


def test_usual_names_are_taken_without_a_look() -> None:
    def never() -> dict[str, list[str]]:
        return {"Text": [], "Label": [], "note": []}

    look: Callable[[], dict[str, list[str]]] = never
    found = choose(["Text", "Label", "note"], "a.csv", text="", image="", label="", look=look)
    assert found == Chosen("text", "Text", "Label")


def test_one_column_that_can_be_the_label_and_one_that_can_be_the_text_are_seen() -> None:
    assert chosen({"query": TEXTS, "intent": KINDS, "weight": NUMBERS}) == Chosen("text", "query", "intent")


def test_pictures_are_known_by_what_the_cells_name() -> None:
    assert chosen({"file": FILES, "label": KINDS}) == Chosen("image", "file", "label")


@pytest.mark.parametrize(
    ("sample", "words"),
    [
        ({"a": NUMBERS, "b": NUMBERS}, "Say --label COL. Its columns: a, b."),
        ({"one": KINDS, "other": KINDS[::-1], "text": TEXTS}, "Say --label COL. Its columns: one, other, text."),
        ({"label": KINDS, "size": NUMBERS}, "Say --text COL or --image COL. Its columns: label, size."),
        ({"first": TEXTS, "second": TEXTS, "label": KINDS}, "Say --text COL or --image COL."),
        ({"text": TEXTS, "image": FILES, "label": KINDS}, "Say --text text or --image image."),
    ],
)
def test_what_is_not_plain_is_asked_with_the_columns_there_are(sample: dict[str, list[str]], words: str) -> None:
    with pytest.raises(Invalid) as caught:
        chosen(sample)
    assert words in caught.value.message


def test_a_column_that_is_not_there_is_named() -> None:
    with pytest.raises(Invalid, match='has no column "lable"'):
        chosen({"text": TEXTS, "label": KINDS}, label="lable")


def test_a_column_of_files_that_are_no_pictures_leaves_the_texts_alone() -> None:
    documents = [f"docs/{number}.txt" for number in range(40)]
    assert chosen({"text": TEXTS, "path": documents, "label": KINDS}).media == "text"
