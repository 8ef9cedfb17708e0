"""What the class numbers of a YOLO dataset mean: `data.yaml`, or the plain lists of older tools.

Note: every scalar is taken as the text it is written as, so that classes called `no`, `1` or
`null` keep their names. Aliases are refused (a few hundred bytes of them can stand for gigabytes), as is a file that is
larger than any list of names. `kpt_shape` says that the lines hold key points, which are none of ours.
"""

from typing import Any

import yaml

from labeler.errors import Invalid
from labeler.messages import Message

MOST_CHARACTERS = 1_000_000


class _Names(yaml.BaseLoader):  # type: ignore[misc]  # the package ships no types
    """Builds texts, lists and mappings and nothing else, each key once, without aliases."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError(Message("aliases (*name) are not read"))
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - as inherited
        found: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        if len(found) != len(node.value):
            raise yaml.YAMLError(Message("a key stands twice"))
        return found


def names_in_yaml(text: str, file: str) -> dict[int, str]:
    """Return the names of the classes by their numbers; raises Invalid, naming the file, where it says none."""
    if len(text) > MOST_CHARACTERS:
        raise Invalid(
            "{file} is larger than {most:,} characters, which no list of names is.",
            field="file",
            file=file,
            most=MOST_CHARACTERS,
        )
    try:
        data = yaml.load(text, Loader=_Names)  # noqa: S506 - of texts, lists and mappings only, see above
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        reason = " ".join(str(error).split())[:200] or Message("nested too deeply")
        raise Invalid(
            "{file} cannot be read as YAML: {reason}. Put odd names into quotes.",
            field="file",
            file=file,
            reason=reason,
        ) from error
    if not isinstance(data, dict):
        raise Invalid('{file} has no "names" that say what the class numbers mean.', field="file", file=file)
    if "kpt_shape" in data:
        raise Invalid(
            "{file} says that the labels are key points (pose), which cannot be held.", field="file", file=file
        )
    return _numbered(data.get("names"), file)


def names_in_lines(text: str) -> dict[int, str]:
    """Return the names of a plain list, one a line (classes.txt, obj.names)."""
    return dict(enumerate(line.strip() for line in text.strip().split("\n")))


def as_yaml(name: str) -> str:
    """Return a name as a quoted YAML scalar that `names_in_yaml` reads back."""
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _numbered(names: Any, file: str) -> dict[int, str]:
    if not names or not isinstance(names, dict | list):
        known = Message("must be a list, or numbers with names") if names else Message("are missing")
        raise Invalid(
            'In {file} the "names", which say what the class numbers mean, {known}.',
            field="file",
            file=file,
            known=known,
        )
    pairs = names.items() if isinstance(names, dict) else ((str(number), name) for number, name in enumerate(names))
    found: dict[int, str] = {}
    for key, name in pairs:
        if not isinstance(key, str) or not key.isascii() or not key.isdigit() or len(key) > 6:  # noqa: PLR2004
            raise Invalid(
                "In {file} a class number is expected, not {key!r}.", field="file", file=file, key=str(key)[:40]
            )
        if not isinstance(name, str) or not name.strip():
            raise Invalid("In {file} the class {key} has no name that is a text.", field="file", file=file, key=key)
        if int(key) in found:
            raise Invalid("In {file} the class {key} has two names.", field="file", file=file, key=key)
        found[int(key)] = name.strip()
    return found
