"""What every format is: a way in, a way out, or both.

A reader turns one source into a stream of `Row` and `RejectedRow`, in the order of the source; a writer turns a
stream of `ExportRow` into a stream of byte chunks. Neither holds the whole set in memory, and neither knows the
database: the caller checks classes, ids and members, and does the storing.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from labeler.exchange.rows import ExportRow, RejectedRow, Row
from labeler.exchange.sources import ReadOptions, Source
from labeler.exchange.writing.report import Report

SHAPES = frozenset({"label", "labels", "boxes", "polygons", "spans"})
MEDIA = frozenset({"text", "image"})
KEEPS = frozenset(("skips", "reasons", "unsure", "soft"))
"""What people say beside an answer: that they skip, why, and that they are not sure."""


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
