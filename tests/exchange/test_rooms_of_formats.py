"""Where the code of a format stands: in its folder, known by name to the registry alone."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from labeler.exchange.formats.registry import FORMATS, READERS, WRITERS
from labeler.task_types.registry import TASK_TYPES

LABELER = Path(__file__).resolve().parents[2] / "labeler"
FOLDER = LABELER / "exchange" / "formats"
SHAPES = {kind.shape for kind in TASK_TYPES.values()}
NAMES = {**READERS, **WRITERS}
ROOMS = ("web", "api", "cli", "jobs", "workflow", "extensions", "exchange", "projects", "statistics")
ALSO_WORDS = {"json", "cleanlab"}  # a mode of pydantic and of columns, a library
THEIR_WORDS = {"rating"}  # a control of Label Studio


def outside() -> Iterator[Path]:
    for room in ROOMS:
        for path in sorted((LABELER / room).rglob("*")):
            if path.suffix in {".py", ".html"} and not (path.is_relative_to(FOLDER) and path.parent != FOLDER):
                yield path


def strings(tree: ast.AST) -> Iterator[str]:
    """The texts of a file, none of which is a docstring."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (one.name for one in node.names)


SHARED = {"labeler.exchange.formats.base", "labeler.exchange.formats.coco_writer"}  # of no single format


@pytest.mark.parametrize("name", NAMES)
def test_a_format_has_a_folder_of_its_own_name(name: str) -> None:
    assert (FOLDER / name / "__init__.py").is_file()
    assert (FOLDER / name / "read.py").is_file() == (name in READERS)
    assert (FOLDER / name / "write.py").is_file() == (name in WRITERS)


def test_every_folder_is_a_format_of_the_registry() -> None:
    folders = {path.parent.name for path in FOLDER.glob("*/__init__.py")}
    assert folders == set(NAMES)
    assert len(FORMATS) == len(folders)
    for one in FORMATS:
        assert len({part.name for part in (one.reader, one.writer) if part}) == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_format_knows_no_other(name: str) -> None:
    own = f"labeler.exchange.formats.{name}"
    for path in (FOLDER / name).glob("*.py"):
        for module in imported(path):
            if module.startswith("labeler.exchange.formats"):
                assert module in SHARED or (module + ".").startswith(own + "."), path.name


def test_nobody_but_the_registry_asks_for_a_format_by_its_name() -> None:
    asked = []
    for path in outside():
        text = path.read_text()
        found = set(strings(ast.parse(text))) if path.suffix == ".py" else {n for n in NAMES if f'"{n}"' in text}
        asked += [(path.relative_to(LABELER).as_posix(), name) for name in found & (NAMES.keys() - ALSO_WORDS)]
    assert asked == []


def test_somebody_is_the_one_to_begin_with_for_each_medium() -> None:
    for media in ("text", "image"):
        assert [one.name for one in READERS.values() if media in one.usual and not one.local] != []


def test_no_format_names_a_task_type() -> None:
    for path in sorted(FOLDER.rglob("*.py")):
        named = set(strings(ast.parse(path.read_text()))) & (TASK_TYPES.keys() - SHAPES - THEIR_WORDS)
        assert named == set(), path.name
