"""What a page can show is filled by somebody: a field that nobody sets is a number that is always missing."""

import ast
from collections.abc import Iterator
from pathlib import Path

import labeler.web

FILES = sorted(Path(labeler.web.__file__).parent.rglob("*.py"))


def _trees() -> list[ast.Module]:
    return [ast.parse(file.read_text(encoding="utf-8")) for file in FILES]


def _fields() -> dict[str, list[str]]:
    """Return the fields of every dataclass that templates print, in order."""
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in FILES if file.stem.endswith("view")]
    return {
        node.name: [*_names(node)]
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and any("dataclass" in ast.dump(one) for one in node.decorator_list)
    }


def _names(node: ast.ClassDef) -> Iterator[str]:
    for line in node.body:
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
            yield line.target.id


def _set(trees: list[ast.Module], fields: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    """Yield (class, field) of all that any call sets, by place or by name."""
    for tree in trees:
        for klass, inside in [("", tree), *((n.name, n) for n in ast.walk(tree) if isinstance(n, ast.ClassDef))]:
            for call in [node for node in ast.walk(inside) if isinstance(node, ast.Call)]:
                name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
                known = fields.get(klass if name == "cls" else name, [])
                yield from ((klass if name == "cls" else name, one) for one in known[: len(call.args)])
                if any(isinstance(one, ast.Starred) for one in call.args):
                    yield from ((klass if name == "cls" else name, one) for one in known)
                yield from ((klass if name == "cls" else name, word.arg) for word in call.keywords if word.arg)


def test_every_field_of_a_page_is_filled_somewhere() -> None:
    trees = _trees()
    fields = _fields()
    filled = set(_set(trees, fields))
    missing = {(klass, name) for klass, names in fields.items() for name in names} - filled
    assert missing == set()
    assert ("AnnotatorRow", "agreement") in filled
