"""Programs of others read what goes out, task by task, and find the classes that are in it."""

import importlib.util
from pathlib import Path

import pytest

from labeler.exchange.formats.registry import WRITERS, writers_for
from labeler.task_types.registry import TASK_TYPES, task_type
from tests import formats_table
from tests.outside import ONLY_FOR, OUTSIDE, expected, exported

CASES = [
    (name, task, media)
    for task in TASK_TYPES
    for media in sorted(task_type(task).media)
    for name in writers_for(task, media)
    if name in OUTSIDE and task in ONLY_FOR.get(name, {task})
]


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # pycocotools' own
@pytest.mark.parametrize(("name", "task", "media"), CASES)
def test_a_program_of_others_finds_what_went_out(name: str, task: str, media: str, tmp_path: Path) -> None:
    outside = OUTSIDE[name]
    if importlib.util.find_spec(outside.module) is None:
        pytest.skip(f"{outside.name} is not installed")
    assert outside.read(exported(name, task, media, tmp_path)) == expected(task)


def test_the_table_of_formats_in_the_readme_is_the_one_that_is_printed() -> None:
    text = formats_table.README.read_text(encoding="utf-8")
    assert formats_table.between_marks(text) == formats_table.table()


def test_the_table_has_a_line_for_every_way_in_and_out() -> None:
    lines = formats_table.table().splitlines()
    assert all(any(f"(`{name}`)" in line for line in lines) for name in WRITERS)
