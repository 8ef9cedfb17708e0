"""How answers were given, as a lead sees it: one by one and page by page side by side, and agreement without the pages.

Note: the two ways meet other items, because pages hold what looks alike. So the sentence says
what was seen and never that pages cause it.
"""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy.orm import Session

from labeler.annotations.queries import answers_with_mode
from labeler.measures.summary import Summary, summary
from labeler.projects.models import Project
from labeler.projects.queries import Classes
from labeler.statistics.bulk_labeling import AnswersOfMode, AnswerWithMode, BulkVsSingle, compare
from labeler.statistics.suggestion_effects import decisions
from labeler.web.shared.words import format_decimal, ngettext
from labeler.web.shared.words import gettext as _


@dataclass(frozen=True)
class BulkVsSingleView:
    """Both with a sentence.

    rows: (name, answers of that mode); agreement: (name, summary) of all answers and without pages.
    """

    rows: tuple[tuple[str, AnswersOfMode], ...]
    sentence: str
    tone: str
    agreement: tuple[tuple[str, Summary], ...]


def read_bulk_vs_single(session: Session, project: Project, classes: Classes) -> BulkVsSingleView | None:
    """Compare the two in a project of classes; None while nothing was answered by page."""
    if not classes.task.pages:
        return None
    given = (AnswerWithMode(*row) for row in answers_with_mode(session, project.id))
    found = compare(given, decisions(session, project.id))
    if not found.bulk.answers:
        return None
    sentence, tone = _verdict(found)
    return BulkVsSingleView(
        rows=((_("One by one"), found.single), (_("Bulk labeling"), found.bulk)),
        sentence=sentence,
        tone=tone,
        agreement=(
            (_("All answers"), _agreement(found.patterns, classes)),
            (_("Without pages"), _agreement(found.patterns_without, classes)),
        ),
    )


def _agreement(patterns: Counter[tuple[str, ...]], classes: Classes) -> Summary:
    index = classes.index_of_code
    known: Counter[tuple[int, ...]] = Counter()
    for codes, items in patterns.items():
        known[tuple(sorted(index[code] for code in codes if code in index))] += items
    known.pop((), None)
    return summary(known, len(classes.rows))


def _verdict(found: BulkVsSingle) -> tuple[str, str]:
    difference = found.difference
    if difference is None:
        words = ngettext(
            "Not settled yet: %(num)s more answer has to be judged before the two compare. Reviews judge them.",
            "Not settled yet: %(num)s more answers have to be judged before the two compare. Reviews judge them.",
            found.missing,
        )
        return words, ""
    low, high = format_decimal(round(100 * difference.low)), format_decimal(round(100 * difference.high))
    if difference.high < 0:
        points = format_decimal(round(-100 * difference.value))
        return _(
            "Answers by page were right less often by %(points)s points (95%% range: %(low)s to %(high)s).",
            low=low,
            high=high,
            points=points,
        ), "warn"
    return _(
        "Answers by page were not shown to be right less often: difference %(low)s to %(high)s points (95%% range).",
        low=low,
        high=high,
    ), "ok"
