"""What goes in and out of a project, as plain values that every format shares.

A reader turns one source into a stream of `Row` and `RejectedRow`, in the order of the source; a writer turns a
stream of `ExportRow` into a stream of byte chunks. Neither holds the whole set in memory, and neither knows the
database: the caller checks classes, ids and members, and does the storing.

What a reader of this code would get wrong: a `RejectedRow` is not an error. It stands for exactly one row that was
left out, and the rows after it still come. Only what makes the whole source unreadable (no such column, not a ZIP)
raises `Invalid`. The values that come by the million are named tuples, as a frozen dataclass takes three times as
long to make.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Literal, NamedTuple

from labeler.exchange.formats.report import Report

ImageLoader = Callable[[], bytes]
"""Gives the bytes of one image when called, from any thread; raises Invalid when they cannot or may not be read."""

Wants = Literal["items", "annotations", "predictions"]
SHAPES = frozenset({"label", "labels", "boxes", "polygons", "spans"})
MEDIA = frozenset({"text", "image"})
KEEPS = frozenset(("skips", "reasons", "unsure", "soft"))
"""What people say beside an answer: that they skip, why, and that they are not sure."""
SHOWN = 200
"""How many characters of a rejected row are shown."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows come from.

    path: a file or folder, or None when `stream` is given. name: what the person called it, for messages.
    folder: the only folder in which names of images may be looked up; None (uploads) means nowhere.
    find: looks a name of an image up where that is no folder (inside a ZIP); raises Invalid when it is not there.
    """

    name: str
    path: Path | None = None
    stream: BinaryIO | None = None
    folder: Path | None = None
    find: Callable[[str], ImageLoader] | None = None

    @classmethod
    def local(cls, path: Path) -> "Source":
        """Take a path given by the person who runs the command: images may lie beside it."""
        return cls(path.name, path=path, folder=path if path.is_dir() else path.parent)

    @classmethod
    def upload(cls, path: Path, name: str) -> "Source":
        """Take a file somebody sent: no name in it may reach the server's own files."""
        return cls(name, path=path)

    @classmethod
    def sent(cls, stream: BinaryIO, name: str) -> "Source":
        """Take the body of a request, read once from its beginning."""
        return cls(name, stream=stream)


@dataclass(frozen=True, slots=True)
class Mapping:
    """Which column holds what; None means "find it by the usual names" (see columns.py), "" means there is none.

    metadata: the columns to keep as metadata; None keeps every column that nothing else uses.
    annotators: for votes with one column a person, the columns that are people.
    folder_labels: whether the folder of an image is its given label.
    """

    id: str | None = None
    text: str | None = None
    image: str | None = None
    label: str | None = None
    annotator: str | None = None
    metadata: tuple[str, ...] | None = None
    annotators: tuple[str, ...] = ()
    folder_labels: bool = True


@dataclass(frozen=True, slots=True)
class Limits:
    """What one import may cost. Lengths of text are characters; sizes are bytes.

    entries, unpacked_bytes, ratio (unpacked / packed) bound a ZIP; image_bytes one image wherever it comes from.
    """

    text_characters: int = 1_000_000
    id_characters: int = 255
    label_characters: int = 255
    image_bytes: int = 64 * 1024 * 1024
    entries: int = 200_000
    unpacked_bytes: int = 50 * 1024**3
    ratio: int = 200


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read a source.

    media, task, classes: what an item of the project is and what is asked of it. wants: "items", or "annotations" or
    "predictions" when rows are answers of people or of a model, which need an id or content to find the item by but no
    content of their own. encoding: None means UTF-8, or what a byte order
    mark says. quoted: whether `"` encloses cells of a CSV or TSV (some TSV files use it as a plain character).
    """

    media: Literal["text", "image"] = "text"
    wants: Wants = "items"
    task: str = "classification"
    classes: tuple[str, ...] = ()
    mapping: Mapping = field(default_factory=Mapping)
    limits: Limits = field(default_factory=Limits)
    encoding: str | None = None
    quoted: bool = True


class Row(NamedTuple):
    """One item, or one answer, as it came in.

    number: 1 for the first row after the header. given_label: for annotations, the answer. name: the file name of
    an image, else None. Empty ids and labels are None; unknown columns are in metadata.
    given_value: the label of a task whose answers have parts, as JSON with class names and pixels of the upright
    original; prediction, prediction_score: what a model says of the item (a value as well) and how sure it is.
    file: the file of a folder or ZIP that the row stands for, else ""; left_out: what of it could not be taken, as
    (reason, how many).
    """

    number: int
    external_id: str | None
    text: str | None
    image: ImageLoader | None
    given_label: str | None
    metadata: dict[str, Any]
    annotator: str | None = None
    name: str | None = None
    given_value: dict[str, Any] | None = None
    prediction: dict[str, Any] | None = None
    prediction_score: float | None = None
    file: str = ""
    left_out: tuple[tuple[str, int], ...] = ()


class RejectedRow(NamedTuple):
    """One row that was left out, and why. column: "" when the whole row is meant; original: what stood there, cut.

    file: the file of a folder or ZIP that is meant, "" for the source itself.
    """

    number: int
    column: str
    reason: str
    original: str
    file: str = ""


class VoteRow(NamedTuple):
    """One answer read from a file; made from a Row by annotations.as_votes. created_at: ISO 8601 or None.

    value: the answer where the task has parts; label is "" then; left_out: as in a Row.
    """

    number: int
    external_id: str | None
    text: str | None
    annotator: str
    label: str
    seconds: float | None = None
    comment: str | None = None
    created_at: str | None = None
    value: dict[str, Any] | None = None
    unsure: bool = False
    left_out: tuple[tuple[str, int], ...] = ()


class Vote(NamedTuple):
    """One counted answer as it goes out. annotator: e-mail; created_at: ISO 8601.

    label: the class, or a few words where the task has parts; value: the answer itself there, else None; unsure:
    whether the person said so.
    """

    annotator: str
    label: str
    seconds: float | None
    comment: str | None
    created_at: str
    value: dict[str, Any] | None = None
    unsure: bool = False


class Skip(NamedTuple):
    """One skip of an item as it goes out. reason: one of the offered words, or the person's own."""

    annotator: str
    reason: str
    seconds: float | None
    comment: str | None
    created_at: str


class FlagOut(NamedTuple):
    """One reason to look again as it goes out. score: 0..1, 1 = surely wrong."""

    kind: str
    score: float
    suggested_label: str | None


class ExportRow(NamedTuple):
    """One item as it goes out. confidence, label_score, agreement: shares 0..1; label_score = 1 - probability wrong.

    label_score is of the final label, None where the newest pass saw another one.

    agreement: the share of the answers that say the most frequent thing (`agreement.patterns.share_alike`).

    *_label: class names, or a few words where the task has parts ("a|b" for several labels); *_value: the labels
    themselves there, else None; flagged_wrong: score of the flag that calls the label wrong, None without one;
    width, height: pixels of the upright original. soft_label: of an ambiguous item, which
    has no final label, the share of each class by name.
    """

    item: int
    external_id: str | None
    text: str | None
    image: str | None
    media: str
    given_label: str | None
    consensus_label: str | None
    final_label: str | None
    final_source: str | None
    confidence: float | None
    votes: tuple[Vote, ...] = ()
    flags: tuple[FlagOut, ...] = ()
    label_score: float | None = None
    suggested_label: str | None = None
    agreement: float | None = None
    metadata: dict[str, Any] | None = None
    excluded: bool = False
    given_value: dict[str, Any] | None = None
    consensus_value: dict[str, Any] | None = None
    final_value: dict[str, Any] | None = None
    width: int | None = None
    height: int | None = None
    skips: tuple[Skip, ...] = ()
    soft_label: dict[str, float] | None = None
    flagged_wrong: float | None = None


@dataclass(frozen=True, slots=True)
class ExportContext:
    """What is true of the whole export. classes: in the project's order; exported_at: ISO 8601.

    report: filled by the writer; whoever asked for the export shows it.
    """

    slug: str
    name: str
    media: str
    task: str
    classes: tuple[str, ...]
    exported_at: str
    model_version: str = ""
    report: Report = field(default_factory=Report)


@dataclass(frozen=True, slots=True)
class Reader:
    """One way in. columns: the names found in a source, for a mapping page; () where the format has none.

    shapes, media: what it can hold; it is offered where a project's task and medium fit. answers: whether it can say
    who answered, and what a model predicted.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    columns: Callable[[Source, ReadOptions], tuple[str, ...]]
    read: Callable[[Source, ReadOptions], Iterator[Row | RejectedRow]]
    shapes: frozenset[str] = SHAPES
    media: frozenset[str] = MEDIA
    answers: bool = False


@dataclass(frozen=True, slots=True)
class Writer:
    """One way out. losses: sentences, what the format cannot hold; shapes, media: as for a reader.

    A writer leaves no row out: which items go in is the caller's choice, and the counts stay provable. What it cannot
    hold of single items it counts in the context's report (counts: whether there is anything of that kind). archive: it
    writes a ZIP, whose bytes show nobody anything. keeps: what it holds beside the labels, of KEEPS.
    """

    name: str
    title: str
    suffix: str
    content_type: str
    losses: tuple[str, ...]
    write: Callable[[Iterable[ExportRow], ExportContext], Iterator[bytes]]
    shapes: frozenset[str] = SHAPES
    media: frozenset[str] = MEDIA
    archive: bool = False
    counts: bool = False
    keeps: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Detection:
    """What a source seems to be, and the sentence that says why."""

    format: str
    why: str
