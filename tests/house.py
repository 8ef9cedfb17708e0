"""How the house stands: `python -m tests.house` prints it as JSON lines, and `test_architecture.py` holds it there.

Cycles are counted twice: among modules by what they import, and again with each package's face (`__init__`) counted as
imported by whoever imports anything inside it from outside, which is what Python does.
"""

import ast
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.paths import answer_paths

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "labeler"
LONGEST_LINE, LONGEST_FILE = 120, 400
LANGUAGES = {".py": "Python", ".mjs": "JavaScript", ".css": "CSS", ".html": "templates"}
MADE = ("static/bundles/", "storage/migrations/versions/")  # by a tool; the record of what was


def sources() -> Iterator[Path]:
    """Yield every source file of the program."""
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix in LANGUAGES and not any(part in path.as_posix() for part in MADE):
            yield path


def long_lines() -> dict[str, list[str]]:
    """Return the places of lines that are too long, by language."""
    found: dict[str, list[str]] = {language: [] for language in LANGUAGES.values()}
    for path in sources():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if len(line) > LONGEST_LINE:
                found[LANGUAGES[path.suffix]].append(f"{path.relative_to(ROOT)}:{number}")
    return found


def long_files() -> list[str]:
    """Return the files with too many lines."""
    return [
        str(path.relative_to(ROOT))
        for path in sources()
        if len(path.read_text(encoding="utf-8").splitlines()) > LONGEST_FILE
    ]


def imports(*, faces: bool) -> dict[str, set[str]]:
    """Return which modules each module imports at any time. faces: packages run when something in them is imported."""
    modules = {_name(path): path for path in PACKAGE.rglob("*.py")}
    return {
        name: {
            one
            for target in _imported(ast.parse(path.read_text(encoding="utf-8")))
            for one in _seen(target, modules, around=name if faces else None)
        }
        - {name}
        for name, path in modules.items()
    }


def cycles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Return the groups of modules that all reach each other (Tarjan's strongly connected components)."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(one: str) -> None:
        order[one] = low[one] = len(order)
        stack.append(one)
        for other in graph[one]:
            if other not in order:
                visit(other)
                low[one] = min(low[one], low[other])
            elif other in stack:
                low[one] = min(low[one], order[other])
        if low[one] == order[one]:
            group = stack[stack.index(one) :]
            del stack[stack.index(one) :]
            if len(group) > 1:
                found.append(sorted(group))

    sys.setrecursionlimit(10_000)
    for one in graph:
        if one not in order:
            visit(one)
    return found


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield (module, name in it or "") of what is imported to run, not only to check types."""
    for node in _running(tree.body):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.module, alias.name) for alias in node.names)


def _running(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    for node in body:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            continue
        yield node
        yield from _running(ast.iter_child_nodes(node))


def _seen(target: tuple[str, str], modules: dict[str, Path], *, around: str | None) -> Iterator[str]:
    """Yield what an import runs. around: the importing module, whose own packages run already; None for no faces."""
    module, name = target
    inner = f"{module}.{name}"
    if inner in modules:
        module = inner
    if module in modules:
        yield module
    while around is not None and (module := module.rpartition(".")[0]):
        if module in modules and not around.startswith(f"{module}."):
            yield module


def main() -> None:
    """Print every figure as a JSON line."""
    told: list[dict[str, object]] = [
        {"name": "cycles", "faces": faces, "count": len(cycles(imports(faces=faces)))} for faces in (False, True)
    ]
    told += [
        {"name": f"lines over {LONGEST_LINE}", "language": language, "count": len(places)}
        for language, places in long_lines().items()
    ]
    told.append({"name": f"files over {LONGEST_FILE} lines", "count": len(long_files())})
    told += [
        {"name": "files from an answer to its row", "way": way, "count": len(files), "files": files}
        for way, files in answer_paths().items()
    ]
    sys.stdout.writelines(f"{json.dumps(line)}\n" for line in told)


if __name__ == "__main__":
    main()
