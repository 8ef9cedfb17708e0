"""Labeled files with mistakes in them, and the command as a person runs it."""

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner, Result

from labeler.cli import labeler
from tests.quality.worlds import TOPICS, texts, with_mistakes

Run = Callable[..., Result]
EMAIL = "ada.lovelace@example.org"


class Audited(NamedTuple):
    """A file that was audited once for many tests. told: what --json printed."""

    folder: Path
    told: dict[str, Any]
    flags: list[dict[str, Any]]
    page: str


def run(*arguments: object, status: int = 0) -> Result:
    result = CliRunner().invoke(labeler, ["audit", *map(str, arguments)])
    assert result.exit_code == status, (result.output, result.exception)
    return result


def write_table(path: Path, header: Sequence[str], rows: Sequence[Sequence[object]], **how: Any) -> Path:
    with path.open("w", newline="", encoding=how.pop("encoding", "utf-8")) as file:
        writer = csv.writer(file, **how)
        writer.writerow(header)
        writer.writerows(rows)
    return path


def some_texts(count: int = 40, share: float = 0.05) -> list[tuple[str, str]]:
    """Texts of three topics with a share of wrong labels, as (text, label)."""
    found, truth = texts((count, count, count))
    names = list(TOPICS)
    return [(text, names[place]) for text, place in zip(found, with_mistakes(truth, share, 3), strict=True)]


@pytest.fixture(scope="session")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Audited:
    """300 texts with wrong labels in one source, twins across a split, an address, a row too few and a long text."""
    folder = tmp_path_factory.mktemp("audited")
    names, pairs = list(TOPICS), some_texts(80, 0.0)
    rows: list[list[object]] = []
    for number, (text, label) in enumerate(pairs):
        source = ("web", "phone", "letter")[number % 3]
        wrong = source == "phone" and number % 4 == 0
        shown = names[(names.index(label) + 1 + number % 8 // 4) % 3] if wrong else label
        said = f"{text} write to {EMAIL}" if wrong and number < 30 else text
        rows.append([f"t{number}", said, shown, source, "test" if number % 5 == 0 else "train"])
    rows += [["twin", rows[5][1], rows[5][2], "web", "train"], ["unsure", rows[7][1], "", "web", "train"]]
    path = write_table(folder / "notes.csv", ("id", "text", "label", "source", "split"), rows)
    told = json.loads(run(path, "--json").stdout)
    flags = json.loads((folder / "notes.flags.json").read_text())
    return Audited(folder, told, flags, (folder / "notes.report.html").read_text())
