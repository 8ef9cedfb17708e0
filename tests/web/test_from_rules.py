import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from flask import Flask

from labeler.web.shared import from_rules
from labeler.web.shared.from_rules import KNOWN, skip_reason, translated

LABELER = Path(from_rules.__file__).parents[1]
ANY = "\0"  # where a literal of the code has a value


def literals(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else ANY for part in node.values)


@cache
def written() -> tuple[frozenset[str], str]:
    files = [path for path in LABELER.rglob("*.py") if path != Path(from_rules.__file__)]
    found = frozenset(text for path in files for text in literals(path))
    return found, "\n".join(text for text in found if ANY in text)


def is_written(sentence: str) -> bool:
    plain, with_values = written()
    if sentence in plain:
        return True
    example = re.sub(r"%\(\w+\)s", "x", sentence)
    patterns = (".+".join(map(re.escape, text.split(ANY))) for text in with_values.split("\n"))
    return any(len(text.replace(".+", "")) > len("flags") and re.fullmatch(text, example) for text in patterns)


@pytest.mark.parametrize("sentence", KNOWN)
def test_every_sentence_that_pages_translate_is_one_that_a_rule_says(sentence: str) -> None:
    assert is_written(sentence), "the rule says something else now; change the sentence here, or take it out"


def test_a_sentence_of_a_rule_is_in_the_language_of_the_page_with_its_values(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "de"}):
        assert translated("There is no such account.") == "Dieses Konto gibt es nicht."
        assert (
            translated("There is an account for ada@example.org already.")
            == "Es gibt schon ein Konto für ada@example.org."
        )
        assert translated("12,000 rows read") == "12.000 Zeilen gelesen"
        assert skip_reason("broken") == "Defekt"


def test_a_sentence_that_is_not_known_stays_as_it_was_written(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "de"}):
        assert translated("Some sentence of a plug-in.") == "Some sentence of a plug-in."
        assert translated(None) == ""
        assert skip_reason("too long") == "too long"
    with app.test_request_context():
        assert translated("12,000 rows read") == "12,000 rows read"
