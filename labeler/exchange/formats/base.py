"""What every format is: a way in, a way out, or both.

A reader turns one source into a stream of `Row` and `RejectedRow`, in the order of the source; a writer turns a
stream of `ExportRow` into a stream of byte chunks. Neither holds the whole set in memory, and neither knows the
database: the caller checks classes, ids and members, and does the storing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import PurePosixPath
from typing import Literal, NamedTuple

from labeler.exchange.rows import ExportRow, RejectedRow, Row
from labeler.exchange.sources import ReadOptions, Source
from labeler.exchange.writing.report import Report
from labeler.messages import Message

MEDIA = frozenset({"text", "image"})
KEEPS = frozenset(("skips", "reasons", "unsure", "soft"))
"""What people say beside an answer: that they skip, why, and that they are not sure."""


class Certainty(IntEnum):
    """How much a sign says. Of several formats that know a source as their own, the surest one has it."""

    POSSIBLE = 1
    PLAUSIBLE = 2
    LIKELY = 3
    NAMED = 4
    MARKED = 5
    SURE = 6


class Sign(NamedTuple):
    """What a format knows its own by. why: what follows the name of the file ("has tabs in its first line.")."""

    certainty: Certainty
    why: str


class Glimpse(NamedTuple):
    """What is seen of a source before it is read.

    text: its beginning, without blanks before it; "" for a picture, and for a folder or a ZIP, whose `files` are then
    named.
    """

    name: str
    text: str = ""
    kind: Literal["file", "directory", "archive", "picture"] = "file"
    files: tuple[str, ...] = ()

    def ends_in(self, *endings: str) -> str:
        """Return the ending of a file's name where it is one of these, else ""."""
        ending = PurePosixPath(self.name).suffix
        return ending if self.kind == "file" and ending.lower() in endings else ""

    def named(self, *endings: str) -> Sign | None:
        """Return the sign of a file that is called as a format's own are."""
        ending = self.ends_in(*endings)
        return Sign(Certainty.NAMED, Message("ends in {ending}.", ending=ending)) if ending else None


def nothing(_glimpse: Glimpse) -> Sign | None:
    """Know no source by its look: such a format has to be named."""
    return None


def one_sheet(_source: Source, _options: ReadOptions) -> tuple[str, ...]:
    """Return (): there is but one table in a file."""
    return ()


@dataclass(frozen=True, slots=True)
class ExportContext:
    """What is true of the whole export. classes: in the project's order; exported_at: ISO 8601.

    class_numbers: those that classes came in with; report: filled by the writer; whoever asked for the export shows it.
    picture: gives the bytes of an original by its hash, for formats that hold pictures; without it they only name them,
    as for a look at what an export is like.
    pictures: whether they are wanted where a format can go without; parts: of the split that was chosen, in order, ()
    for none (`ExportRow.split` says which one a row is in); soft_labels: whether `ExportRow.soft_label` is of every
    label; annotators: what the people who answered go out as.
    """

    slug: str
    name: str
    media: str
    task: str
    classes: tuple[str, ...]
    exported_at: str
    model_version: str = ""
    report: Report = field(default_factory=Report)
    class_numbers: Mapping[str, int] = field(default_factory=dict)
    picture: Callable[[str], bytes] | None = None
    pictures: bool = False
    parts: tuple[str, ...] = ()
    soft_labels: bool = False
    annotators: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """One way in. columns: the names found in a source, for a mapping page; () where the format has none.

    suffixes: endings of files that it reads, for the dialog that picks one. shapes, media: what it can hold (no shapes:
    any); it is offered where a project's task and medium fit. answers: whether it can say who answered, and what a
    model predicted.
    sign: returns what it knows a source by, None where it does not; raises Invalid, with advice, for a source that is
    its own but cannot be read.
    usual: the media for which it is the one to begin with, where nothing says in which format a file is.
    local: it reads what lies on this machine, which nobody can send. in_sets: its file may lie in a folder or ZIP,
    beside pictures. encoded: its files are text in an encoding that can be told. folder_labels: folders may be labels.
    family: formats whose files are the same to a program that reads all of their members ("json"); one that cannot
    say who answered leaves answers to one of its family that can. sent_as: media types of a body that holds items.
    scores: it can say how sure a model is of each object, where it is read as predictions. sheets: the names of the
    tables in one file, of which one is read; () where there is one.
    numbers_classes: its files may call classes by number and say no names of them, so that somebody may have to.
    own_folders: the folders of its sets say nothing of their pictures, and some hold masks, so that such a set is no
    folder of images.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    columns: Callable[[Source, ReadOptions], tuple[str, ...]]
    read: Callable[[Source, ReadOptions], Iterator[Row | RejectedRow]]
    shapes: frozenset[str] | None = None
    media: frozenset[str] = MEDIA
    answers: bool = False
    sign: Callable[[Glimpse], Sign | None] = nothing
    usual: frozenset[str] = frozenset()
    local: bool = False
    in_sets: bool = False
    encoded: bool = True
    folder_labels: bool = False
    family: str = ""
    sent_as: tuple[str, ...] = ()
    own_folders: bool = False
    scores: bool = False
    numbers_classes: bool = False
    sheets: Callable[[Source, ReadOptions], tuple[str, ...]] = one_sheet

    def holds(self, shape: str, media: str) -> bool:
        """Whether it can hold labels of this shape on items of this medium."""
        return media in self.media and (self.shapes is None or shape in self.shapes)


@dataclass(frozen=True, slots=True)
class Writer:
    """One way out. losses: sentences, what the format cannot hold; shapes, media: as for a reader.

    A writer leaves no row out: which items go in is the caller's choice, and the counts stay provable. What it cannot
    hold of single items it counts in the context's report (counts: whether there is anything of that kind). archive: it
    writes a ZIP, whose bytes show nobody anything. keeps: what it holds beside the labels, of KEEPS.
    answers: whether single answers go out, so that one can choose to leave them out; probabilities: whether it needs
    those of the newest pass; outside: what is true as long as pictures are not asked for, "" where it cannot hold them,
    or always does; packed: the same as an archive, where pictures or the parts of a split do not fit into one file;
    opens: a few lines of Python that read it, {path} in them.
    """

    name: str
    title: str
    suffix: str
    content_type: str
    losses: tuple[str, ...]
    write: Callable[[Iterable[ExportRow], ExportContext], Iterator[bytes]]
    shapes: frozenset[str] | None = None
    media: frozenset[str] = MEDIA
    archive: bool = False
    counts: bool = False
    keeps: frozenset[str] = frozenset()
    answers: bool = False
    probabilities: bool = False
    outside: str = ""
    packed: "Writer | None" = None
    opens: str = ""

    def loses(self, context: ExportContext) -> tuple[str, ...]:
        """Return what this export cannot hold of any item."""
        return (*self.losses, self.outside) if self.outside and not context.pictures else self.losses

    def holds(self, shape: str, media: str) -> bool:
        """Whether it can hold labels of this shape on items of this medium."""
        return media in self.media and (self.shapes is None or shape in self.shapes)


@dataclass(frozen=True, slots=True)
class Format:
    """One format, as the registry lists it: what reads it, what writes it, or both."""

    reader: Reader | None = None
    writer: Writer | None = None


@dataclass(frozen=True, slots=True)
class Detection:
    """What a source seems to be, and the sentence that says why."""

    format: str
    why: str
