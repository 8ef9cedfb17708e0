"""The house rules that a machine can check."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from labeler.task_types.registry import TASK_TYPES
from tests import house
from tests.paths import answer_paths

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "labeler"
MODULES = sorted(PACKAGE.rglob("*.py"))


def test_imports_go_one_way() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_there_is_one_commit() -> None:
    places = [path for path in MODULES if re.search(r"\.commit\(", path.read_text())]
    assert [path.relative_to(PACKAGE).as_posix() for path in places] == ["storage/database.py"]


def test_only_the_job_runner_and_the_border_to_models_of_others_catch_everything() -> None:
    broad = [
        path.relative_to(PACKAGE).as_posix()
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id == "Exception"))
    ]
    assert sorted(broad) == ["jobs/runner.py", "quality/features/encoders/base.py"]


def test_the_web_process_starts_without_heavy_libraries() -> None:
    heavy = "{'numpy', 'scipy', 'sklearn', 'cleanlab', 'skimage', 'pandas', 'alembic'}"
    code = f"import sys, labeler.app, labeler.cli; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_folder_is_in_the_tree_with_a_line_of_its_own() -> None:
    tree = (PACKAGE / "README.md").read_text()
    folders = [path for path in PACKAGE.iterdir() if path.is_dir() and (path / "__init__.py").exists()]
    missing = [folder.name for folder in folders if f"`{folder.name}/`" not in tree]
    assert missing == []


def test_every_kind_is_named_in_the_tree() -> None:
    from labeler.consensus.registry import METHODS
    from labeler.exchange.formats.registry import READERS, WRITERS
    from labeler.quality.detectors.registry import DETECTORS
    from labeler.task_types.registry import TASK_TYPES

    tree = (PACKAGE / "README.md").read_text()
    kinds = {*TASK_TYPES, *READERS, *WRITERS, *METHODS, *DETECTORS}
    assert [kind for kind in sorted(kinds) if f"`{kind}`" not in tree] == []


def test_nobody_outside_its_folder_asks_for_a_detector_by_name() -> None:
    from labeler.decisions.final import AMBIGUOUS
    from labeler.quality.detectors.registry import DETECTORS

    names = re.compile(rf"\b({'|'.join(kind for kind in DETECTORS if kind != AMBIGUOUS)})\b")  # a decision's name too
    elsewhere = [path for path in house.sources() if "quality/detectors" not in path.as_posix()]
    asking = [path for path in elsewhere if any(map(names.search, _said(path)))]
    assert [path.relative_to(PACKAGE).as_posix() for path in asking] == []


def _said(path: Path) -> list[str]:
    """Return what a file says to the machine: of Python the texts that are no docstrings, of all else everything."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return [text]
    nodes = [*ast.walk(ast.parse(text))]
    alone = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    texts = [node for node in nodes if isinstance(node, ast.Constant) and id(node) not in alone]
    return [node.value for node in texts if isinstance(node.value, str)]


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    assert house.long_files() == []


def test_no_line_is_longer_than_a_hundred_and_twenty_characters() -> None:
    assert {language: places for language, places in house.long_lines().items() if places} == {}


@pytest.mark.parametrize("faces", [False, True], ids=["modules", "modules and package faces"])
def test_no_modules_import_each_other_in_a_circle(*, faces: bool) -> None:
    assert house.cycles(house.imports(faces=faces)) == []


def test_a_circle_is_noticed() -> None:
    assert house.cycles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]
    assert house.cycles({"a": {"b"}, "b": {"c"}, "c": set()}) == []


def test_no_module_has_a_vague_name() -> None:
    vague = {"utils", "helpers", "common", "manager", "misc"}
    assert [path for path in PACKAGE.rglob("*") if path.stem in vague] == []


SHAPES_OF_FILES = ("exchange/formats/", "exchange/parsing/")  # files call a list as some kinds are called
ABOUT_THE_DEMO = ("cli/demo.py", "cli/demo_scenes.py", "cli/demo_marks.py")
USUAL_FIRST = {"exchange/sources.py": {"classification"}}  # what is read where no project is named


def test_an_answer_is_a_row_after_four_files() -> None:
    assert {way: len(files) <= 4 for way, files in answer_paths().items()} == {"sent": True, "imported": True}


def test_nobody_outside_its_folder_asks_for_a_task_type_by_name() -> None:
    names = set(TASK_TYPES) - {"text"}  # a medium as well
    asked = re.compile(rf"""["'](?:{"|".join(names)})["']|\.task\s*(?:==|!=|\bin\b)""")
    for path in sorted([*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.html"), *PACKAGE.rglob("*.mjs")]):
        name = path.relative_to(PACKAGE).as_posix()
        if name.startswith(("task_types/", "web/static/", *SHAPES_OF_FILES, *ABOUT_THE_DEMO)):
            continue
        text = re.sub(r'"""[\s\S]*?"""', "", path.read_text()) if path.suffix == ".py" else path.read_text()
        found = {one.strip("\"'") for one in asked.findall(text)} - USUAL_FIRST.get(name, set())
        assert found == set(), name


def test_nobody_outside_the_task_types_reads_their_codes() -> None:
    looks = re.compile(r"""(?:startswith|removeprefix|like)\(["'][a-z]%?["']\)|code\[:?[01]""")
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        if not name.startswith(
            ("task_types/", "measures/masks.py", "storage/arrays.py", "storage/migrations/versions/")
        ):
            assert looks.findall(path.read_text()) == [], name
