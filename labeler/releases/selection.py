"""Which items of the frozen labels go into the files of a release, and how people are named there.

The options are kept with the release as JSON and given to the export as they are; whatever they say is said here.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from labeler.decisions.final import AMBIGUOUS
from labeler.errors import Invalid
from labeler.exchange.export_choices import EMAILS, PEOPLE, PSEUDONYMS
from labeler.exchange.rows import ExportRow
from labeler.releases.frozen import Head, Item
from labeler.statistics.item_conditions import ALL, LABELED

USUAL: dict[str, str] = {"items": LABELED, "people": PSEUDONYMS}
CHOICES = {"items": (LABELED, ALL), "people": PEOPLE}


def checked(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options with what is usual where they say nothing. Raises Invalid, naming the field."""
    for name, value in options.items():
        if name not in CHOICES:
            raise Invalid("{name} is no option of a release.", field=name, name=name)
        if value not in CHOICES[name]:
            raise Invalid("{name} is one of {choices}.", field=name, name=name, choices=", ".join(CHOICES[name]))
    return USUAL | dict(options)


def goes_out(head: Head, item: Item) -> bool:
    """Whether an item is in the files: it has a label or a lead's soft label and was not taken out, or all are."""
    if head.options["items"] == ALL:
        return True
    decided = item.behind.decided
    has_label = bool(item.behind.code) or (decided is not None and decided.decision == AMBIGUOUS)
    return has_label and not item.row.excluded


def exported(head: Head, items: Iterable[Item]) -> Iterator[ExportRow]:
    """Yield the rows that go out, with people named as the options say."""
    named = head.options["people"] == EMAILS
    for item in items:
        if goes_out(head, item):
            yield item.row if named else _masked(head.people, item.row)


def _masked(people: Mapping[str, str], row: ExportRow) -> ExportRow:
    votes = tuple([vote._replace(annotator=people[vote.annotator]) for vote in row.votes])
    return row._replace(
        votes=votes, skips=tuple([skip._replace(annotator=people[skip.annotator]) for skip in row.skips])
    )
