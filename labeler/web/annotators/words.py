"""What is said about one annotator, in words: every sentence has its numbers, and none says who is good or bad."""

from datetime import date

from labeler.measures.accuracy import Accuracy
from labeler.measures.drift import JUDGED_A_FALSE_ALARM, Drift
from labeler.measures.haste import RECENT, Sign
from labeler.statistics.annotators import AnnotatorFigures, MixUp
from labeler.web.shared.words import format_date, format_decimal, format_percent
from labeler.web.shared.words import gettext as _


def day_words(day: int) -> str:
    """Return a proleptic ordinal as a short date."""
    return format_date(date.fromordinal(day), _("d MMM"))


def span_words(low: float, high: float) -> str:
    """Return a range of shares: "83 to 90"."""
    return _("%(low)s to %(high)s", low=format_decimal(round(100 * low)), high=format_decimal(round(100 * high)))


def accuracy_words(one: Accuracy) -> str:
    """Return a person's accuracy as one text, the same wherever it is said; "4 of 10" while too few were checked."""
    if not one.enough:
        return _("%(right)s of %(of)s", right=format_decimal(one.right), of=format_decimal(one.of))
    return _(
        "%(share)s (%(range)s)", share=format_percent(one.mean), range=span_words(one.interval.low, one.interval.high)
    )


def sign_words(sign: Sign, names: tuple[str, ...]) -> str:
    """Say what one sign of haste or pattern has seen. names: of the classes."""
    if sign.kind == "fast":
        return _(
            "%(share)s of the last %(of)s answers took less than half the others' time on the same items; of the "
            "others' answers there, %(usual)s",
            share=format_percent(sign.value),
            of=sign.of,
            usual=format_percent(sign.usual),
        )
    if sign.kind == "spammer":
        return _(
            "Answers hardly depend on the item: spammer score %(value)s, the others %(usual)s (1: fully)",
            value=format_decimal(sign.value, "0.00"),
            usual=format_decimal(sign.usual, "0.00"),
        )
    if sign.kind == "run":
        return _(
            "%(count)s answers in a row were %(name)s, which the others say of less than half of these items; "
            "by chance so many in a row come less than once in 1,000 such records",
            count=format_decimal(sign.value),
            name=names[sign.label],
        )
    return _(
        "Answers vary far less than what the others say of the same items: %(value)s of %(usual)s bits",
        value=format_decimal(sign.value, "0.0"),
        usual=format_decimal(sign.usual, "0.0"),
    )


def sign_limit(sign: Sign) -> str:
    """Say from where on it is a sign."""
    return {
        "fast": _("limit: a fifth of the last %(of)s, and twice as often as the others", of=RECENT),
        "spammer": _("limit: below 0.10 while most others are above 0.40"),
        "run": _("limit: a run that chance brings once in 1,000 times"),
        "entropy": _("limit: less than half of the others'"),
    }[sign.kind]


def mix_up_words(one: MixUp, names: tuple[str, ...]) -> str:
    """Say a mix-up with the others' rate."""
    return _(
        "%(answered)s for %(truth)s: %(count)s of %(of)s items, %(share)s (others %(usual)s)",
        answered=names[one.answered],
        truth=names[one.truth],
        count=format_decimal(one.count),
        of=format_decimal(one.of),
        share=format_percent(one.share),
        usual=format_percent(one.usual),
    )


def drift_words(one: AnnotatorFigures) -> str:
    """Say what a standing alarm has seen, "" without one."""
    if one.drift is None or one.alarm is None:
        return ""
    since, wrong = one.alarm.since, one.judged.wrong
    return _(
        "More answers were judged wrong since %(day)s: %(now)s of %(count)s, before %(before)s of %(earlier)s",
        day=day_words(one.alarm_day),
        now=format_percent(float(wrong[since:].mean())),
        count=format_decimal(len(wrong) - since),
        before=format_percent(float(wrong[:since].mean()) if since else one.drift.rates.usual),
        earlier=format_decimal(since),
    )


def drift_limit(drift: Drift) -> str:
    """Say how often an alarm comes by chance."""
    return _(
        "limit %(limit)s, reached by chance about once in %(count)s judged answers",
        limit=format_decimal(drift.limit),
        count=format_decimal(JUDGED_A_FALSE_ALARM[drift.limit]),
    )


def drift_rate(limit: float) -> str:
    """Say how often an alarm is a false one."""
    return _(
        "A false alarm comes about once in %(count)s judged answers.", count=format_decimal(JUDGED_A_FALSE_ALARM[limit])
    )


def share_words(count: int, of: int) -> str:
    """Return how many of how many in percent."""
    return format_percent(count / of) if of else ""


def alert_title(one: AnnotatorFigures) -> str:
    """Say in one line why somebody should have a look."""
    count = len(one.signs)
    if one.alarm is None:
        return _("%(count)s signs of haste or pattern: please look", count=count)
    if not count:
        return _("Drift alarm: please look")
    return _("Drift alarm and signs of haste or pattern (%(count)s): please look", count=count)
