"""What a check says of a set as a whole, as pages show it: a sentence, and the items it is about."""

from dataclasses import dataclass

from flask import url_for

from labeler.extensions.translating import translated
from labeler.quality.models import Inspection


@dataclass(frozen=True)
class SetNote:
    """One finding. href: the list of its items, "" where it is about all of them."""

    words: str
    href: str = ""


def set_notes(slug: str, inspection: Inspection | None) -> tuple[SetNote, ...]:
    """Return the findings of a check about the whole set, () before the first one."""
    found = inspection.summary.get("set_findings", []) if inspection else []
    return tuple(SetNote(translated(one["said"]), _items(slug, one)) for one in found)


def _items(slug: str, one: dict[str, str]) -> str:
    if not one.get("column"):
        return ""
    about = f"{one['column']}={one['value']}"
    return url_for("web.items", slug=slug, about=about, state="flagged" if one.get("flagged") else None)
