"""The card of mix-ups: which classes are taken for one another, and how many items it cannot speak of.

Answers stand against the final label once there are final labels where it matters: on the items on which answers
differ. A tie has none, so while many tie, what is left in such a table are the items on which all agree, and it would
show 100 and 0 everywhere. Until then answers stand against one another.
Note: the second table is symmetric in items, not in percent: of all who said cat, and of all
who said dog.
"""

from collections.abc import Callable, Sequence

from flask import url_for
from sqlalchemy.orm import Session

from labeler.agreement.queries import histogram
from labeler.measures.histogram import by_class, counts
from labeler.measures.metrics import coincidences, items_together
from labeler.projects.models import Project
from labeler.projects.queries import Classes
from labeler.statistics.counts import ProjectCounts
from labeler.web.dashboard import view_model as view
from labeler.web.shared.words import format_decimal, ngettext

SETTLED = 0.9  # share of the items on which answers differ that have a final label


def read_mix_ups(
    session: Session, project: Project, classes: Classes, tally: ProjectCounts, marks: Sequence[view.ClassMark]
) -> view.MixUps | None:
    """Return what the card shows; None while no item has two answers and no lead has decided one."""
    if not tally.finals or not (tally.twice or tally.decided):
        return None
    # the address is the same but for two numbers, and url_for would take most of the time of a large matrix
    base, codes = url_for("web.items", slug=project.slug), classes.codes
    if tally.differing - tally.undecided >= SETTLED * tally.differing:
        href = _address(base, codes, "final", "vote")
        return view.mix_ups(marks, tally.mixed, href, left_out=_without_final(tally.answered - tally.mixed_items))
    found = counts(by_class(histogram(session, project.id), classes.index_of_code), len(codes))
    together = items_together(found).tolist()
    left_out = _answered_once(tally.items - found.pairable().n_items)
    href = _address(base, codes, "vote", "beside")
    return view.mix_ups(marks, together, href, weights=coincidences(found).tolist(), left_out=left_out)


def _address(base: str, codes: Sequence[str], row: str, column: str) -> Callable[[int, int], str]:
    return lambda one, other: f"{base}?{row}={codes[one]}&{column}={codes[other]}"


def _without_final(items: int) -> str:
    if not items:
        return ""
    return ngettext(
        "%(count)s answered item is not in it: it has no final label (a tie or ambiguous), or is excluded.",
        "%(count)s answered items are not in it: they have no final label (ties and ambiguous ones), or are excluded.",
        items,
        count=format_decimal(items),
    )


def _answered_once(items: int) -> str:
    if not items:
        return ""
    return ngettext(
        "%(count)s item is not in it: it has fewer than two answers.",
        "%(count)s items are not in it: they have fewer than two answers.",
        items,
        count=format_decimal(items),
    )
