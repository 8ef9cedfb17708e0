"""Every sentence that the rules say is one that translators see, with the values it names, and has its translation."""

import ast
import copy
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import NamedTuple

import numpy as np
import pytest
from flask import Flask

import labeler
from labeler.errors import Conflict, Invalid, LabelerError
from labeler.exchange.left_out import kind_of
from labeler.extensions.translating import translated
from labeler.messages import Message, either, listed, packed, unpacked, verbatim
from labeler.web.shared.context import LANGUAGES
from tests import catalogues

LABELER = Path(labeler.__file__).parent
OTHERS = [language for language in LANGUAGES if language != "en"]
ERRORS = LABELER / "errors.py"  # makes a message of any
READY = ("verbatim", "_why", "_why_empty")
"""Calls that give a sentence which has its message id already, or none because it comes from elsewhere."""


class Said(NamedTuple):
    """One sentence of the code: where it stands, what makes it, its message id ("" for what is no literal), values."""

    where: str
    kind: str
    message: str
    given: frozenset[str]
    spread: bool


def sentences(path: Path) -> Iterator[Said]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (name := name_of(node)) in catalogues.SAYING:
            first = node.args[0] if node.args else ast.Constant("")
            if is_made_elsewhere(first):
                continue
            literal = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""
            given = frozenset(keyword.arg for keyword in node.keywords if keyword.arg) - {"field"}
            spread = any(keyword.arg is None for keyword in node.keywords)
            yield Said(f"{path.relative_to(LABELER)}:{node.lineno}", name, literal, given, spread)


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def is_made_elsewhere(node: ast.expr) -> bool:
    """Say whether a sentence was put together by a call of its own, or is a constant that was."""
    if isinstance(node, ast.Call):
        return name_of(node) in READY
    parts = [node.body, node.orelse] if isinstance(node, ast.IfExp) else [node]
    names = [part.value if isinstance(part, ast.Subscript) else part for part in parts]
    return all(isinstance(name, ast.Name) and name.id.startswith("_") and name.id.isupper() for name in names)


ALL = [said for path in sorted(LABELER.rglob("*.py")) if path != ERRORS for said in sentences(path)]


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_the_sentences_are_found() -> None:
    assert len(ALL) > 400
    assert {said.kind for said in ALL} >= {"Message", "Invalid", "NotFound", "Conflict", "Unavailable", "Forbidden"}


def test_a_sentence_is_a_literal_since_translators_see_nothing_else() -> None:
    assert [said.where for said in ALL if not said.message] == []


def test_a_sentence_names_the_values_it_is_given() -> None:
    assert [said.where for said in ALL if said.spread or places(said.message) != said.given] == []


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_has_its_translation_with_the_same_values(language: str) -> None:
    found = {message.id: message.string for message in catalogues.catalogue(language)}
    assert [said for said in ALL if not found.get(said.message)] == []
    assert [said for said in ALL if places(str(found[said.message])) != places(said.message)] == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_writes_numbers_as_numbers(language: str) -> None:
    for message in catalogues.catalogue(language):
        if isinstance(message.id, str) and message.id in {said.message for said in ALL}:
            wanted = {name: form for _, name, form, _ in Formatter().parse(message.id) if name}
            given = {name: form for _, name, form, _ in Formatter().parse(str(message.string)) if name}
            assert given == wanted, message.id


def without_an_id(path: Path) -> Iterator[str]:
    """Yield where a sentence goes out or into the database that is a plain text."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = name_of(node)
            plain = [value for value in node.args[TAKES.get(name, len(node.args)) :] if is_plain_sentence(value)]
            yield from (f"{path.relative_to(LABELER)}:{value.lineno}" for value in plain)


TAKES = {"RejectedRow": 2, "_rejected": 0, "Detection": 1, "Sign": 1, "Problem": 0, "progress": 1, "lose": 0}
"""Calls that tell people something, and after how many arguments that may come."""


def is_plain_sentence(node: ast.expr) -> bool:
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.Constant) and " " in str(part.value) for part in node.values)
    return (
        isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(re.search(r" |^[A-Z]\w+\W", node.value))
    )


def test_what_is_stored_for_people_has_a_message_id() -> None:
    commands = {LABELER / "storage" / name for name in ("backup.py", "restore.py")}  # they report to the command line
    assert [where for path in LABELER.rglob("*.py") if path not in commands for where in without_an_id(path)] == []


# -- what a message is ---------------------------------------------------------------------------------------------


def test_an_error_is_its_english_sentence_and_knows_its_id_and_values() -> None:
    error = Invalid("The id {id!r} stands {count:,} times.", field="id", id="a'b", count=1200)
    assert str(error) == error.message == 'The id "a\'b" stands 1,200 times.'
    assert isinstance(error.message, Message)
    assert error.message.id == "The id {id!r} stands {count:,} times."
    assert error.message.values == {"id": "a'b", "count": 1200}
    assert error.field == "id"


def test_values_are_written_as_they_were_before_and_kept_as_json_can_hold_them() -> None:
    message = Message("{one!r} of {many:,} in {path}", one=None, many=np.int64(2000), path=Path("a") / "b")
    assert message == "None of 2,000 in a/b"
    assert message.values == {"one": "None", "many": 2000, "path": "a/b"}


@pytest.mark.parametrize("again", [copy.deepcopy, lambda one: unpacked(packed(one))])
def test_a_message_stays_one_when_it_is_copied_or_stored(again: object) -> None:
    inner = Message("a box has no width or no height")
    message = Message("line {number}: {reason}", number=3, reason=inner)
    found = again(message)  # type: ignore[operator]
    assert (found, found.id, found.values) == (message, message.id, message.values)
    assert isinstance(found.values["reason"], Message)


LIKE_ONE = ('{"message": ', '{"message": 3}', '{"message": "a"} b', '{"message": "a", "values": [], "english": "b"}')


@pytest.mark.parametrize("text", ["", "There is no job 3.", *LIKE_ONE])
def test_a_text_of_an_earlier_version_is_read_as_it_is(text: str) -> None:
    assert unpacked(text) == text
    assert not isinstance(unpacked(text), Message)


@pytest.mark.parametrize("text", ["", "{", packed(Message("the text is empty")), *LIKE_ONE])
def test_somebodys_own_text_is_stored_as_it_is_even_where_it_looks_like_a_message(text: str) -> None:
    assert unpacked(packed(text)) == text


def test_a_text_from_elsewhere_may_hold_braces() -> None:
    assert LabelerError(verbatim("a {brace}")).message == "a {brace}"


# -- in the language of the reader ---------------------------------------------------------------------------------


def test_a_message_is_in_the_language_of_the_page_with_its_values_and_numbers(app: Flask) -> None:
    taken = Conflict("There is an account for {email} already.", email="ada@example.org")
    with app.test_request_context(headers={"Accept-Language": "de"}):
        assert translated(taken.message) == "Es gibt schon ein Konto für ada@example.org."
        assert translated(Message("{count:,} rows read", count=12_000)) == "12.000 Zeilen gelesen"
        assert translated(Message("{what} lies {distance:g} px before the edge of the picture.",
                                  what=Message("The box"), distance=1.5)) == (
            "Das Rechteck liegt 1,5 px vor dem Rand des Bildes."
        )  # fmt: skip
        assert translated(either(["csv", "tsv", "json"])) == "csv oder tsv oder json"
    with app.test_request_context():
        assert translated(taken.message) == "There is an account for ada@example.org already."
        assert translated(Message("{count:,} rows read", count=12_000)) == "12,000 rows read"


def test_somebodys_own_words_are_never_looked_into(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "de"}):
        for email in ("{0.__class__}", "%(x)s", "{email}", "{", "}"):
            assert translated(Message("There is an account for {email} already.", email=email)) == (
                f"Es gibt schon ein Konto für {email}."
            )


def test_a_text_of_an_earlier_version_and_a_message_that_is_gone_stay_english(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "de"}):
        assert translated("There is an account for ada@example.org already.") == (
            "There is an account for ada@example.org already."
        )
        assert translated(None) == ""
        assert translated(Message("Said by {who} in a version that is gone.", who="x")) == (
            "Said by x in a version that is gone."
        )
        other_values = Message.said("There is an account already.", "There is an account for {email} already.", {})
        assert translated(other_values) == "There is an account already."


def test_a_kind_of_reason_names_nothing_in_any_language(app: Flask) -> None:
    unknown = Message("{name!r} is not a class of this project; it has {shown}.", name="cat", shown="dog, bird")
    line = Message("line {number}: {reason}", number=12, reason=Message("the class {number} has no name", number=7))
    missing = Message("objects of the class {name}, which this project does not have", name="cat")
    assert [kind_of(reason) for reason in (unknown, line, missing)] == [
        "… is not a class of this project; it has …",
        "line …: the class … has no name",
        "objects of the class cat, which this project does not have",
    ]
    assert kind_of("no class 'cat'") == "no class …"
    with app.test_request_context(headers={"Accept-Language": "de"}):
        assert [translated(kind_of(reason)) for reason in (unknown, line, missing)] == [
            "„…“ ist keine Klasse dieses Projekts; es hat ….",
            "Zeile …: die Klasse … hat keinen Namen",
            "Objekte der Klasse cat, die dieses Projekt nicht hat",
        ]


def test_several_things_are_listed() -> None:
    assert listed(["one"]) == "one"
    assert listed([Message("a box has no width or no height"), "two", "three"]) == (
        "a box has no width or no height, two, three"
    )


def test_what_stands_in_a_message_is_translated_where_its_own_words_are_the_same(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "de"}):
        reason = Message("{column}: {reason}", column="text", reason=Message("the text is empty"))
        assert translated(reason) == "text: der Text ist leer"
