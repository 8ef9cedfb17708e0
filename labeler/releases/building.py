"""From frozen labels to the archive of a release: the same frozen labels give the same bytes, now and later.

Nothing here reads a clock or a database: all that is true of the moment is in the frozen labels. The files, in order:
`data/…` as the format writes them (of a ZIP the files that are in it), `items.jsonl`, `changes.csv`, `guidelines.md`,
`settings.json`, `DATA_CARD.md`, `data_card.html`, `croissant.json`, `SHA256SUMS`.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from labeler import durable
from labeler.exchange.export_choices import EMAILS
from labeler.exchange.exporting import as_chosen, fitting, has_pictures
from labeler.exchange.formats.base import ExportContext, Writer
from labeler.exchange.formats.registry import WRITERS
from labeler.exchange.writing.report import Report
from labeler.messages import Message
from labeler.releases import card, croissant
from labeler.releases.archive import Archive, Entry, add_unpacked
from labeler.releases.counted import Counted
from labeler.releases.diff import Change, Changes, Side, changes_between
from labeler.releases.frozen import Head, Item, read_head, read_items
from labeler.releases.provenance import CHANGES, ITEMS, change_lines, item_lines
from labeler.releases.selection import masked
from labeler.storage.backup import silent
from labeler.task_types.registry import task_type

Progress = Callable[[float, str], None]
GUIDELINES, SETTINGS = "guidelines.md", "settings.json"
_REPORT_EVERY = 1000  # items


@dataclass(frozen=True)
class Frozen:
    """Frozen labels in a file of the store."""

    path: Path
    head: Head

    @classmethod
    def at(cls, path: Path) -> "Frozen":
        """Open them."""
        return cls(path, read_head(path))

    def side(self) -> Side:
        """Return them as one of the two sides of a comparison."""
        return Side(self.head, read_items(self.path))

    def items(self) -> Iterator[Item]:
        """Yield the items that go out."""
        return (item for item in read_items(self.path) if not item.out)


@dataclass(frozen=True)
class Written:
    """What was written. numbers: what is kept with the release; entries: its files, without the list of them."""

    numbers: dict[str, Any]
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Place:
    """Where things are: pictures by their hash, and a name for a file that is needed only meanwhile."""

    picture: Callable[[str], bytes]
    temporary: Path


def build(file: IO[bytes], frozen: Frozen, before: Frozen | None, place: Place, progress: Progress) -> Written:
    """Write the archive of a release to a file that is open. before: the frozen labels of the release before."""
    head = frozen.head
    count = _count(frozen)
    steps = _Steps(progress, 3 * max(1, count.all))
    with Archive(file) as archive:
        _add_data(archive, frozen, place, steps)
        _add_items(archive, frozen, steps)
        numbers = count.as_json(head)
        if before is not None:
            numbers["changes"] = _add_changes(archive, frozen, before, steps)
        if head.guidelines:
            archive.add(GUIDELINES, [head.guidelines["text"].encode(errors="replace")])
        archive.add(SETTINGS, [_as_json(settings_of(head))])
        _add_cards(archive, head, numbers)
        entries = tuple(archive.entries)
        archive.finish()
    return Written(numbers, entries)


def settings_of(head: Head) -> dict[str, Any]:
    """Return what a release was made with, as it lies in it."""
    return {
        "release": head.number,
        "name": head.name,
        "project": head.project["slug"],
        "format": head.format,
        "options": head.options,
        "classes": list(head.names),
        "labels_as_of": head.as_of,
        "guidelines": head.guidelines.get("version"),
        "label_check": head.check or None,
        "labeler": head.labeler,
    }


def _count(frozen: Frozen) -> Counted:
    task, count = task_type(frozen.head.project["task"]), Counted()
    for item in read_items(frozen.path):
        count.see(item)
        if not item.out:
            row = item.row
            named = task.labels_in(row.final_value) if row.final_value else {row.final_label or ""}
            count.take(item, tuple(sorted(named & set(frozen.head.names))))
    return count


def context_of(head: Head, picture: Callable[[str], bytes] | None) -> ExportContext:
    """Return what the writers are told of the whole: of the frozen labels, not of today."""
    project, chosen = head.project, head.chosen
    return ExportContext(
        slug=project["slug"],
        name=project["name"],
        media=project["media"],
        task=project["task"],
        classes=head.names,
        exported_at=head.as_of,
        model_version=head.check,
        report=Report(),
        class_numbers=head.class_numbers,
        picture=picture,
        pictures=has_pictures(project["media"], WRITERS[head.format], chosen),
        parts=chosen.parts,
        soft_labels=chosen.soft_labels and task_type(project["task"]).one_class,
        annotators=tuple(head.annotators),
    )


def writer_of(head: Head) -> Writer:
    """Return the way out of a release, as what was chosen needs it."""
    return fitting(WRITERS[head.format], head.project["media"], head.chosen)


def _add_data(archive: Archive, frozen: Frozen, place: Place, steps: "_Steps") -> None:
    head, writer = frozen.head, writer_of(frozen.head)
    chosen, context = head.chosen, context_of(head, place.picture)
    rows = (item.row for item in steps.through(frozen.items(), Message("Writing the labels")))
    named = rows if chosen.people == EMAILS else masked(head.people, rows)
    pieces = writer.write(as_chosen(named, writer, chosen, context), context)
    if not _is_zip(writer):
        archive.add(f"{croissant.DATA}{head.project['slug']}{writer.suffix}", pieces)
        return
    try:
        with durable.writing(place.temporary) as packed:
            packed.writelines(pieces)
        add_unpacked(archive, place.temporary, croissant.DATA.rstrip("/"))
    finally:
        place.temporary.unlink(missing_ok=True)


def _is_zip(writer: Writer) -> bool:
    return writer.archive and writer.suffix == ".zip"  # a workbook is a ZIP too, and stays one


def _add_items(archive: Archive, frozen: Frozen, steps: "_Steps") -> None:
    head = frozen.head
    items = steps.through(frozen.items(), Message("Writing where each label comes from"))
    archive.add(ITEMS, item_lines(head, items))


def _add_changes(archive: Archive, frozen: Frozen, before: Frozen, steps: "_Steps") -> dict[str, Any]:
    counts = Changes()
    items = steps.through(read_items(frozen.path), Message("Comparing with the release before"))
    found = changes_between(before.side(), Side(frozen.head, items), counts)
    archive.add(CHANGES, change_lines(found))
    return counts.as_json()


def compared(
    old: Frozen, new: Frozen, *, total: int = 1, progress: Progress = silent
) -> tuple[Changes, Iterator[Change]]:
    """Return what changed from one release to another, item by item; the counts are complete when all were taken.

    total: items of the project when the new one was made, for the progress.
    """
    counts = Changes()
    items = _Steps(progress, max(1, total)).through(read_items(new.path), Message("Comparing the releases"))
    return counts, changes_between(old.side(), Side(new.head, items), counts)


def _add_cards(archive: Archive, head: Head, numbers: dict[str, Any]) -> None:
    parts = card.parts(head, numbers, archive.entries)
    archive.add(card.MARKDOWN, [card.as_markdown(head, parts).encode(errors="replace")])
    archive.add(card.HTML, [card.as_html(head, parts).encode(errors="replace")])
    archive.add(croissant.NAME, [_as_json(croissant.described(head, numbers, archive.entries))])


def _as_json(value: Any) -> bytes:
    return f"{json.dumps(value, ensure_ascii=False, indent=2)}\n".encode(errors="replace")


class _Steps:
    """Tells how far it is, over several walks through the items."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._total = total
        self._done = 0

    def through(self, items: Iterable[Item], said: str) -> Iterator[Item]:
        """Yield the items, and say now and then how far it is."""
        for item in items:
            if self._done % _REPORT_EVERY == 0:
                self._progress(min(0.99, self._done / self._total), said)
            self._done += 1
            yield item


def differing(old: Sequence[Entry], new: Sequence[Entry]) -> list[str]:
    """Return the names of files that two lists do not have alike."""
    one, other = {entry.name: entry for entry in old}, {entry.name: entry for entry in new}
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))
