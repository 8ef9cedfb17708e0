"""The frozen labels of a project: everything that a release is written from, so that it can be written again.

A gzip file of JSON lines: first what is true of the whole (`Head`), then one line an item, also of items that are in no
file of the release, since the next one says what became of them. Of each is frozen whether it goes out, and in which
part of the split it is: filters ask for what changes. It never leaves the server: it names people.

Note: a release is written again years later by another version. So a member that has its default is left out of a line,
and one that is not known any more is passed over. Of the first kind of frozen labels the options alone say what goes
out (`_by_options`).
"""

import gzip
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

from labeler.errors import Invalid
from labeler.exchange.export_choices import ExportChoices
from labeler.exchange.rows import ExportRow, FlagOut, Skip, Vote
from labeler.releases.selection import chosen_by
from labeler.statistics.conditions import ALL

KIND, FIRST_KIND = "labeler-release-state/2", "labeler-release-state/1"
UNMET, FILTERED = "items", "filter"
"""Why an item is in no file: it has no label, or is excluded; it has one, but what else was asked for is not true."""
_PARTS: dict[str, type[Any]] = {"votes": Vote, "flags": FlagOut, "skips": Skip}


class Decided(NamedTuple):
    """The decision of a lead that stands for an item.

    id: of its row; before: code of the label it was about, "" for none; flag: kind of the flag it was about, "" for
    none; audit: whether it takes what an audit found; at: ISO 8601.
    """

    id: int
    decision: str
    at: str
    before: str = ""
    flag: str = ""
    reason: str = ""
    audit: bool = False


class Said(NamedTuple):
    """One answer that counted, as its row holds it: by it the database is asked whether that is still so."""

    id: int
    code: str
    at: str
    round: int = 0
    guideline: int = 0


class Behind(NamedTuple):
    """What is behind a label. code: of the final label, "" for none; source: of it (`decisions.final`).

    method: of the consensus; came: id of the import, as text, "" for none; created: when the item came; automatic:
    number of the batch that the model's label is of, 0 for none.
    """

    code: str = ""
    source: str = ""
    answers: tuple[Said, ...] = ()
    decided: Decided | None = None
    method: str = ""
    came: str = ""
    created: str = ""
    automatic: int = 0


class Item(NamedTuple):
    """One item of the frozen labels: as an export has it, what is behind it, and why it is in no file.

    row.split: its part; out: UNMET, FILTERED or "" where it goes out.
    """

    row: ExportRow
    behind: Behind
    out: str = ""


@dataclass(frozen=True)
class Head:
    """What is true of the whole release; JSON values only, times as ISO 8601.

    project: slug, name, media, task, question; classes: [{code, name, description}] in the project's order; options:
    what was chosen (`selection`); people: the pseudonym of each e-mail; imports: {id: {name, format, at}}; guidelines:
    {version, text}; agreement: as `agreement.measured.as_json`; error: see `counted.error_as_json`; told: what the lead
    wrote: about, labeling, limits, license; before: {number, state} of the release before, None for the first.
    annotators: what everybody with a counted answer goes out as; answered_by: the one whose items were asked for;
    class_numbers: those that classes came in with; twins: {checked, newer} of a split, see `exchange.parts.Parts`.
    """

    number: int
    name: str
    project: dict[str, Any]
    classes: list[dict[str, Any]]
    format: str
    options: dict[str, Any]
    as_of: str
    made_at: str
    made_by: str
    labeler: str
    people: dict[str, str] = field(default_factory=dict)
    imports: dict[str, Any] = field(default_factory=dict)
    guidelines: dict[str, Any] = field(default_factory=dict)
    agreement: dict[str, Any] = field(default_factory=dict)
    error: dict[str, Any] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)
    check: str = ""
    before: dict[str, Any] | None = None
    annotators: tuple[str, ...] = ()
    answered_by: str = ""
    class_numbers: dict[str, int] = field(default_factory=dict)
    twins: dict[str, Any] = field(default_factory=dict)

    @property
    def chosen(self) -> ExportChoices:
        """What was chosen."""
        return chosen_by(self.format, self.options)

    @property
    def names(self) -> tuple[str, ...]:
        """Class names in the project's order."""
        return tuple(one["name"] for one in self.classes)

    @property
    def codes(self) -> frozenset[str]:
        """Codes of the classes there were."""
        return frozenset(one["code"] for one in self.classes)


def write_state(file: IO[bytes], head: Head, items: Iterable[Item]) -> None:
    """Write frozen labels to a file that is open."""
    with gzip.GzipFile(fileobj=file, mode="wb", filename="", mtime=0) as packed:
        packed.write(_line({"kind": KIND, **asdict(head)}))
        for item in items:
            packed.write(_line(_held(item)))


def read_head(path: Path) -> Head:
    """Return what is true of the whole. Raises Invalid for a file that is none of ours."""
    with gzip.open(path) as file:
        return _head(file.readline())[1]


def read_items(path: Path) -> Iterator[Item]:
    """Yield the items in the order of their ids."""
    with gzip.open(path) as file:
        kind, head = _head(file.readline())
        for line in file:
            held = json.loads(line)
            item = Item(_row(held["row"]), _behind(held["behind"]), held.get("out", ""))
            yield item if kind == KIND else _by_options(head, item)


def _head(line: bytes) -> tuple[str, Head]:
    held = json.loads(line)
    kind = held.pop("kind", "")
    if kind not in {KIND, FIRST_KIND}:
        raise Invalid("The frozen labels of this release were written by a newer Labeler. Install that version.")
    known = {one.name for one in fields(Head)}
    return kind, Head(**{name: value for name, value in held.items() if name in known})


def _by_options(head: Head, item: Item) -> Item:
    """Return an item of the first kind with whether it goes out: all do, or what has a label and is not excluded."""
    decided = item.behind.decided
    has_label = bool(item.behind.code) or (decided is not None and decided.decision == "ambiguous")
    goes_out = head.options["items"] == ALL or (has_label and not item.row.excluded)
    return item if goes_out else item._replace(out=UNMET)


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="surrogatepass") + b"\n"


def _held(part: Any) -> Any:
    """Return a named tuple as an object without the members that have nothing to say, anything else as it is."""
    if isinstance(part, tuple) and hasattr(part, "_fields"):
        defaults = cast("dict[str, Any]", getattr(part, "_field_defaults", {}))
        pairs = zip(part._fields, part, strict=True)
        return {name: _held(one) for name, one in pairs if name not in defaults or one != defaults[name]}
    return [_held(one) for one in part] if isinstance(part, tuple) else part


def _made(kind: type[Any], held: dict[str, Any]) -> Any:
    return kind(**{name: value for name, value in held.items() if name in kind._fields})


def _row(held: dict[str, Any]) -> ExportRow:
    parts = {name: tuple(_made(kind, one) for one in held.pop(name, ())) for name, kind in _PARTS.items()}
    return cast("ExportRow", _made(ExportRow, {**held, **parts}))


def _behind(held: dict[str, Any]) -> Behind:
    decided = held.pop("decided", None)
    answers = tuple(_made(Said, one) for one in held.pop("answers", ()))
    return cast("Behind", _made(Behind, {**held, "answers": answers, "decided": decided and _made(Decided, decided)}))
