"""What the pages of releases show of one, as plain values."""

from dataclasses import dataclass
from typing import Any

from labeler.errors import Invalid
from labeler.releases.archive import BROKEN, Entry, entries_of
from labeler.releases.building import Frozen, settings_of
from labeler.releases.card import Part, parts
from labeler.releases.models import Release
from labeler.storage.files import FileStore

SHOWN_FILES = 12
CARD_PARTS = ("What it is", "Split", "How it was labeled", "Known limits", "Remaining error")


@dataclass(frozen=True)
class Summary:
    """A release with the numbers that are shown most. low, high, share: of labels wrong, None where not audited."""

    release: Release
    share: float | None
    low: float | None
    high: float | None

    @property
    def numbers(self) -> dict[str, Any]:
        """What was counted of it."""
        return self.release.numbers

    @property
    def number(self) -> int:
        """Its number."""
        return self.release.number


@dataclass(frozen=True)
class Opened:
    """What is read of the files of a release. card: the parts that are shown on its page."""

    entries: tuple[Entry, ...]
    card: tuple[Part, ...]
    settings: dict[str, Any]

    @property
    def more(self) -> int:
        """Files that are not named on the page."""
        return max(0, len(self.entries) - SHOWN_FILES)

    @property
    def shown(self) -> tuple[Entry, ...]:
        """Files that are: those beside the labels last, since there are few of them."""
        beside = tuple(one for one in self.entries if not one.name.startswith("data/"))
        data = tuple(one for one in self.entries if one.name.startswith("data/"))
        return (*data[: max(1, SHOWN_FILES - len(beside))], *beside)


def summary(release: Release) -> Summary:
    """Return a release with its main numbers."""
    error = release.numbers.get("error", {})
    return Summary(release, error.get("share"), error.get("low"), error.get("high"))


def opened(store: FileStore, release: Release) -> Opened | None:
    """Return what is read of its files; None where they are gone or damaged."""
    try:
        entries = entries_of(store.release_path(release.sha256))
        head = Frozen.at(store.release_path(release.state)).head
    except (*BROKEN, Invalid):
        return None
    shown = {part.title: part for part in parts(head, release.numbers, entries)}
    return Opened(tuple(entries), tuple(shown[title] for title in CARD_PARTS if title in shown), settings_of(head))
