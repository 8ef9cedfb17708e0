"""The pictures of items that are there, by the names they go by, so that labels of other files find them.

An item goes by its id where that is the name of a picture, else by the file name that came with it. Names that several
items have are told apart by what is in front of them, as files in folders are, so that a file that means one of them
has to say which.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from pathlib import PurePosixPath
from typing import NamedTuple

from labeler.errors import Invalid
from labeler.exchange.parsing.dataset_files import Finder
from labeler.exchange.parsing.imagefolder import is_image
from labeler.exchange.sources import ImageLoader, PictureThere


class Known(NamedTuple):
    """One picture that is an item. file_name: as it came in, "" where it had none; number: its own in COCO, or ""."""

    item: int
    external_id: str
    file_name: str
    load: ImageLoader
    number: str = ""

    @property
    def name(self) -> str:
        """What the picture is called, "" where it has no name."""
        return self.external_id if is_image(self.external_id) else self.file_name or self.external_id


class NamedPictures:
    """The pictures of a project. load: reads them from the database, when somebody first asks for one."""

    def __init__(self, load: Callable[[], Iterable[Known]]) -> None:
        self._load = load
        self._numbers: dict[int, str] = {}

    @cached_property
    def _by_name(self) -> dict[str, PictureThere]:
        alike = defaultdict(list)
        for one in self._load():
            alike[one.name.replace("\\", "/")].append(one)
        alike.pop("", None)
        found = {}
        for name, several in alike.items():
            for one in several:
                alone = len(several) == 1 or one.external_id == name
                own = name if alone else f"{one.external_id or one.item}/{name}"
                found[own] = PictureThere(one.item, one.load, one.external_id, own)
                if one.number:
                    self._numbers[one.item] = one.number
        return found

    @cached_property
    def _finder(self) -> Finder:
        return Finder(self._by_name)

    @cached_property
    def _by_number(self) -> dict[str, list[str]]:
        found = defaultdict(list)
        for name, picture in self._by_name.items():
            if number := self._numbers.get(picture.item):
                found[number].append(name)
        return found

    @cached_property
    def _as_numbers(self) -> dict[str, list[str]]:
        """Names that are numbers with zeros before them (`000000000139.jpg`), by the number."""
        found = defaultdict(list)
        for stem, names in self._without_endings.items():
            if stem.isascii() and stem.isdigit():
                found[str(int(stem))].extend(names)
        return found

    @cached_property
    def _without_endings(self) -> dict[str, list[str]]:
        found = defaultdict(list)
        for name in self._by_name:
            found[PurePosixPath(name).stem].append(name)
        return found

    def named(self) -> Iterable[tuple[str, PictureThere]]:
        """Return them all, each under a name of its own."""
        return self._by_name.items()

    def find(self, name: str) -> PictureThere | None:
        """Return the one that a name or path means, also without its ending; raises Invalid where it is not clear."""
        fitting = self._finder.fitting(name)
        if not fitting and not is_image(name):
            fitting = self._without_endings.get(PurePosixPath(name).name, ())
        return self._one_of(fitting, name)

    def numbered(self, number: str) -> PictureThere | None:
        """Return the one that came in with a number, else that is called so, whatever zeros stand before it."""
        found = self._one_of(self._by_number.get(number, ()), number) or self.find(number)
        return found or self._one_of(self._as_numbers.get(number, ()), number)

    def _one_of(self, fitting: Sequence[str], name: str) -> PictureThere | None:
        if len(fitting) > 1:
            raise Invalid(
                '"{wanted}" may mean {shown}; say which by its path or id',
                field="image",
                wanted=name[:200],
                shown=" and ".join(fitting[:2]),
            )
        return self._by_name[fitting[0]] if fitting else None
