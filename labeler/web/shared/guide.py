"""The guidelines as people read them: text, rules of single classes and examples, of one version.

Note: annotators see this, so it holds nothing but what the lead wrote and chose. Of the item
of an example they see its picture or the beginning of its text; not its metadata or anybody's answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup
from sqlalchemy.orm import Session

from labeler.projects.examples import KINDS, Example
from labeler.projects.models import Item
from labeler.projects.queries import Classes, items_by_id
from labeler.web.shared.markdown import render

LONGEST_TEXT = 140


@dataclass(frozen=True)
class ShownExample:
    """One example. text: the beginning of a text, None for a picture; place: of its class, from 1, 0 for none."""

    item: int
    kind: str
    note: str
    place: int
    text: str | None


@dataclass(frozen=True)
class Guide:
    """One version of the guidelines. rules: by class name; shown: examples by place of their class, 0 for no class."""

    html: Markup
    rules: dict[str, Markup]
    shown: dict[int, list[ShownExample]]

    @property
    def general(self) -> list[ShownExample]:
        """Tricky cases that concern no single class."""
        return self.shown.get(0, [])


def read_guide(session: Session, project_id: int, classes: Classes, text: str, examples: Sequence[Example]) -> Guide:
    """Read what a version shows; an example whose item or class is gone is left out."""
    rules = {name: render(rule) for name, rule in sections(text).items() if name in classes.by_name}
    shown: dict[int, list[ShownExample]] = {}
    for one in show_examples(session, project_id, classes, examples):
        shown.setdefault(one.place, []).append(one)
    for found in shown.values():
        found.sort(key=lambda one: KINDS.index(one.kind))
    return Guide(render(text), rules, shown)


def show_examples(
    session: Session, project_id: int, classes: Classes, examples: Sequence[Example]
) -> list[ShownExample]:
    """Return examples in their order with what is shown of them; one whose item or class is gone is left out."""
    items = items_by_id(session, project_id, [one.item for one in examples])
    places: dict[int | None, int] = {row.id: row.position + 1 for row in classes.rows} | {None: 0}
    return [
        ShownExample(one.item, one.kind, one.note, places[one.class_id], beginning(items[one.item]))
        for one in examples
        if one.item in items and one.class_id in places
    ]


def beginning(item: Item) -> str | None:
    """Return the beginning of an item's text in one line; None for a picture."""
    if item.width is not None:
        return None
    text = " ".join((item.text or "").split())
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1].rstrip() + "…"


def sections(markdown: str) -> dict[str, str]:
    """Cut guidelines at their second- and third-level headings: {heading: text below it}."""
    found: dict[str, list[str]] = {}
    below: list[str] = []
    for line in markdown.split("\n"):
        marks, words = line[: len(line) - len(line.lstrip("#"))], line.lstrip("#")
        title = words.strip().rstrip("#").strip()
        if marks in {"##", "###"} and words[:1].isspace() and title:
            below = found[title] = []
        else:
            below.append(line)
    return {title: "\n".join(lines).strip() for title, lines in found.items()}
