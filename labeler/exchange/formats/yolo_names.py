"""What the class numbers of a YOLO dataset mean: `data.yaml`, or the plain lists of older tools.

What a reader would get wrong: this is no YAML reader. It knows the one key `names`, as a list or as numbers with names,
in a line or below it, quoted or not; anything else in it is refused with words, never guessed. The other keys are left
alone, but for `kpt_shape`, which says that the lines hold key points.
"""

import re
from collections.abc import Iterator

from labeler.errors import Invalid

Pair = tuple[int | None, str]

_KEY = re.compile(r"([A-Za-z_][\w-]*)\s*:(?:\s+(.*))?")
_NUMBER = re.compile(r"\s*[\"']?(\d{1,6})[\"']?\s*:\s+")
_QUOTED = re.compile(r"""\s*(?:"((?:[^"\\]|\\["\\/])*)"|'((?:[^']|'')*)')\s*""")
_PLAIN = re.compile(r"[^\s\"'#\[\]{},&*!|>%@`?-].*|-[^\s].*")
_COMMENT = re.compile(r"(?:^|\s)\s*#.*")


def names_in_yaml(text: str, file: str) -> dict[int, str]:
    """Return the names of the classes by their numbers; raises Invalid when they are not written plainly."""
    lines = [line.rstrip() for line in text.split("\n")]
    keys = {match[1]: (number, match[2] or "") for number, line in enumerate(lines) if (match := _KEY.fullmatch(line))}
    if "kpt_shape" in keys:
        raise Invalid(f"{file} says that the labels are key points (pose), which cannot be held.", field="file")
    number, rest = keys.get("names", (len(lines), ""))
    rest, below = _COMMENT.sub("", rest) if rest.startswith("#") else rest, lines[number + 1 :]
    if rest[:1] in {"[", "{"}:
        found = _flow(rest, below, file)
    elif rest:
        raise Invalid(f"In {file} the names must be a list, or numbers with names.", field="file")
    else:
        found = _block(below, file)
    return _numbered(found, file)


def names_in_lines(text: str) -> dict[int, str]:
    """Return the names of a plain list, one a line (classes.txt, obj.names)."""
    return dict(enumerate(line.strip() for line in text.strip().split("\n")))


def as_yaml(name: str) -> str:
    """Return a name as a quoted YAML scalar that `names_in_yaml` reads back."""
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _flow(first: str, below: list[str], file: str) -> Iterator[Pair]:
    """Yield (number or None, name) of a list or mapping in brackets, which may go on over some lines."""
    closing = "]" if first[0] == "[" else "}"
    whole = _COMMENT.sub("", first)
    for line in below:
        if whole.rstrip().endswith(closing):
            break
        whole = f"{whole} {_COMMENT.sub('', line)}"
    whole = whole.strip()
    if not whole.endswith(closing):
        raise Invalid(f"In {file} the names are not closed with {closing}.", field="file")
    inner, at = whole[1:-1].rstrip().removesuffix(","), 0
    while at < len(inner):
        key = None
        if closing == "}":
            match = _NUMBER.match(inner, at)
            if not match:
                raise _unreadable(inner[at:], file)
            key, at = int(match[1]), match.end()
        quoted = _QUOTED.match(inner, at)
        end = quoted.end() if quoted else (inner.find(",", at) if "," in inner[at:] else len(inner))
        if inner[end : end + 1] not in {"", ","}:
            raise _unreadable(inner[at:], file)
        yield key, _unquoted(quoted) if quoted else _plain(inner[at:end], file)
        at = end + 1


def _block(lines: list[str], file: str) -> Iterator[Pair]:
    """Yield (number or None, name) of the lines below the key, up to the next key."""
    for line in lines:
        bare = line.strip()
        if not bare or bare.startswith("#"):
            continue
        listed = bare.startswith("- ")
        if not line[0].isspace() and not listed:
            return
        match = None if listed else _NUMBER.match(bare)
        if not listed and not match:
            raise _unreadable(bare, file)
        written = bare[match.end() :] if match else bare[2:]
        key = int(match[1]) if match else None
        quoted = _QUOTED.match(written)
        if quoted and _COMMENT.sub("", written[quoted.end() :]).strip():
            raise _unreadable(bare, file)
        yield key, _unquoted(quoted) if quoted else _plain(_COMMENT.sub("", written), file)


def _unquoted(match: re.Match[str]) -> str:
    return re.sub(r"\\(.)", r"\1", match[1]) if match[1] is not None else match[2].replace("''", "'")


def _plain(written: str, file: str) -> str:
    name = written.strip()
    if not _PLAIN.fullmatch(name) or ": " in name or any(mark in name for mark in "[]{}"):
        raise _unreadable(written, file)
    return name


def _numbered(pairs: Iterator[Pair], file: str) -> dict[int, str]:
    names: dict[int, str] = {}
    for place, (key, name) in enumerate(pairs):
        number = place if key is None else key
        if number in names:
            raise Invalid(f"In {file} the class {number} has two names.", field="file")
        names[number] = name
    if not names:
        raise Invalid(f'{file} has no "names" that say what the class numbers mean.', field="file")
    return names


def _unreadable(written: str, file: str) -> Invalid:
    return Invalid(f"In {file} a name cannot be read near {written.strip()[:40]!r}; put it into quotes.", field="file")
