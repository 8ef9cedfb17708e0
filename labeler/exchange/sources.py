"""Where rows come from, and how a source is to be read: its media, its columns, what one import may cost."""

from collections.abc import Callable, Iterable
from collections.abc import Mapping as Named
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Literal, Protocol

ImageLoader = Callable[[], bytes]
"""Gives the bytes of one image when called, from any thread; raises Invalid when they cannot or may not be read."""

Wants = Literal["items", "labels", "annotations", "predictions", "vectors", "probabilities"]
BARE: frozenset[Wants] = frozenset(("items", "labels"))
"""What rows say without a word of who or what says it."""


@dataclass(frozen=True, slots=True)
class PictureThere:
    """The picture of an item that is there, as a loader: what is said of it joins this item.

    external_id: of the item, "" where it has none of its own; name: what the picture is called among all of them.
    """

    item: int
    load: ImageLoader
    external_id: str = ""
    name: str = ""

    def __call__(self) -> bytes:
        """Return the bytes that were imported."""
        return self.load()


class PicturesThere(Protocol):
    """The pictures of the items that are there, by names of which each is of one item."""

    def named(self) -> Iterable[tuple[str, PictureThere]]:
        """Return them all."""

    def find(self, name: str) -> PictureThere | None:
        """Return the one that a file means by a name or path; raises Invalid where it may mean several."""

    def numbered(self, number: str) -> PictureThere | None:
        """Return the one that came in with a number, else that is called so; raises Invalid where several may be."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows come from.

    path: a file or folder, or None when `stream` is given. name: what the person called it, for messages.
    folder: the only folder in which names of images may be looked up; None (uploads) means nowhere.
    find: looks a name of an image up where that is no folder (inside a ZIP); raises Invalid when it is not there.
    files: the files of a set that lies elsewhere, by name in its folder, with refused: (name, why it is none of them).
    fetch: gives an image at an address elsewhere; raises Invalid where that may not be asked.
    there: the pictures that are items already; labels of pictures that the source does not hold are looked up there.
    unused: returns (name, why not) of the files of a set that nothing has asked for so far.
    """

    name: str
    path: Path | None = None
    stream: BinaryIO | None = None
    folder: Path | None = None
    find: Callable[[str], ImageLoader] | None = None
    files: Named[str, ImageLoader] | None = None
    refused: tuple[tuple[str, str], ...] = ()
    fetch: Callable[[str], ImageLoader] | None = None
    there: PicturesThere | None = None
    unused: Callable[[], list[tuple[str, str]]] | None = None

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
    """Which column holds what; None: find it by the usual names (parsing/column_names.py); "": there is none.

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
class ClassNumbers:
    """What is known of the numbers by which files call classes without a word, by number.

    ids: numbers of their own, as the categories of COCO have; places: those in a list, counted from 0, as YOLO has
    them; told: by whoever imports, which counts for either.
    """

    ids: Named[int, str] = field(default_factory=dict)
    places: Named[int, str] = field(default_factory=dict)
    told: Named[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read a source.

    media, task, classes: what an item of the project is and what is asked of it. wants: "items", or what rows say of
    items that are there: their given labels ("labels"), answers of people ("annotations") or of a model
    ("predictions"), numbers ("vectors", "probabilities"); such rows need an id, a file name or content to find the
    item by but no content of their own. encoding: None means UTF-8, or what a byte order mark says. quoted: whether
    `"` encloses cells of a CSV or TSV (some TSV files use it as a plain character). sheet: of a workbook, "" for the
    first one. annotator: who answered, where the rows do not say it; "" for nobody. class_numbers: for files that call
    classes by number only.
    """

    media: Literal["text", "image"] = "text"
    wants: Wants = "items"
    task: str = "classification"
    classes: tuple[str, ...] = ()
    mapping: Mapping = field(default_factory=Mapping)
    limits: Limits = field(default_factory=Limits)
    encoding: str | None = None
    quoted: bool = True
    sheet: str = ""
    annotator: str = ""
    class_numbers: ClassNumbers = field(default_factory=ClassNumbers)
