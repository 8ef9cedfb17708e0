"""Which format holds which task, in and out, and which program of others read what goes out.

`python -m tests.formats_table` prints it as Markdown, made from the registries; `--write` puts it into README.md,
between its marks, where a test looks whether it is the one that is printed.
"""

import sys
from pathlib import Path

from labeler.exchange.formats.registry import FORMATS, READERS, WRITERS
from labeler.task_types.registry import TASK_TYPES, task_type
from tests.outside import ONLY_FOR, OUTSIDE

README = Path(__file__).resolve().parents[1] / "README.md"
BEGINS, ENDS = "<!-- formats: python -m tests.formats_table --write -->\n", "<!-- /formats -->\n"


def table() -> str:
    """Return the table in Markdown."""
    head = ("format", *TASK_TYPES, "what goes out is read by")
    lines = [_line(head), _line(["---"] * len(head))]
    for one in FORMATS:
        name = (one.reader or one.writer).name  # type: ignore[union-attr]  # a format is at least one of them
        title = str((one.writer or one.reader).title)  # type: ignore[union-attr]
        cells = [_cell(name, task) for task in TASK_TYPES]
        lines.append(_line((f"{title} (`{name}`)", *cells, _outside(name))))
    return "\n".join(lines) + "\n"


def _cell(name: str, task: str) -> str:
    ways = (("in", READERS), ("out", WRITERS))
    kind = task_type(task)
    fitting = [
        way for way, known in ways if name in known and any(known[name].holds(kind.shape, m) for m in kind.media)
    ]
    return ", ".join(fitting)


def _outside(name: str) -> str:
    if name not in WRITERS:
        return ""
    if name not in OUTSIDE:
        return "only Labeler"
    some = f" ({', '.join(sorted(ONLY_FOR[name]))})" if name in ONLY_FOR else ""
    return f"{OUTSIDE[name].name}{some}"


def _line(cells: "tuple[str, ...] | list[str]") -> str:
    return f"| {' | '.join(cells)} |"


def between_marks(text: str) -> str:
    """Return what stands between the marks of a text."""
    return text.partition(BEGINS)[2].partition(ENDS)[0]


def main() -> None:
    """Print the table, or put it into README.md."""
    if "--write" not in sys.argv:
        sys.stdout.write(table())
        return
    text = README.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGINS)
    README.write_text(f"{before}{BEGINS}{table()}{ENDS}{rest.partition(ENDS)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
