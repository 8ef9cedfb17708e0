"""Which answers agreement is measured on: the filters of its page, as plain values and as texts of an address.

Answers are chosen by how they were given, items by when their newest answer that is meant was given, by the version of
the guidelines that all of these were given under, by import and by metadata. So each item is in one week and in one
group of versions, and the parts of a project add up to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

SINGLE, UNAIDED = "single", "unaided"
WAYS = (SINGLE, UNAIDED)
TWO, DIFFER = "two", "differ"
AMONG = (TWO, DIFFER)
"""Of the items that are meant: those with two answers or more, and those of them whose answers differ."""
MIXED = -1
"""Stands for the version of items that were answered under more than one."""
_MIXED = "mixed"
_MOST = 2**31 - 1
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Meant:
    """Which answers, and to which items. An empty value asks for nothing.

    way: `single` (one by one, no page of look-alikes and no import), `unaided` (without a suggestion on the screen);
    version: of the guidelines, 0 where there was none, MIXED where there were several, None for any; since, until: days
    in UTC, both included; about: "column=value" of the metadata.
    """

    way: str = ""
    version: int | None = None
    since: date | None = None
    until: date | None = None
    import_id: int = 0
    about: str = ""

    @property
    def of_answers(self) -> bool:
        """Whether only items with answers can be meant."""
        return bool(self.way or self.version is not None or self.since or self.until)


EVERY = Meant()


def meant_in(given: Mapping[str, str]) -> Meant:
    """Return what the texts of an address say; what makes no sense there is left out."""
    way, about = given.get("way", ""), given.get("about", "")[:_LONGEST]
    number = whole(given.get("import_id", ""))
    return Meant(
        way=way if way in WAYS else "",
        version=version_in(given.get("version", "")),
        since=day_in(given.get("since", "")),
        until=day_in(given.get("until", "")),
        import_id=number or 0,
        about=about if about.partition("=")[0] else "",
    )


def meant_said(meant: Meant) -> dict[str, str]:
    """Return the texts that `meant_in` reads, of what is asked."""
    said = {
        "way": meant.way,
        "version": version_said(meant.version),
        "since": meant.since.isoformat() if meant.since else "",
        "until": meant.until.isoformat() if meant.until else "",
        "import_id": str(meant.import_id or ""),
        "about": meant.about,
    }
    return {name: text for name, text in said.items() if text}


def version_said(version: int | None) -> str:
    """Return a version as it stands in an address."""
    return "" if version is None else _MIXED if version == MIXED else str(version)


def version_in(text: str) -> int | None:
    """Return the version that a text says, None for none."""
    return MIXED if text == _MIXED else whole(text)


def day_in(text: str) -> date | None:
    """Return the day that a text says, None for none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def whole(text: str) -> int | None:
    """Return the whole number that a text says and both databases take, None for none."""
    plain = text.isascii() and text.isdigit() and len(text) <= len(str(_MOST))
    return int(text) if plain and int(text) <= _MOST else None
