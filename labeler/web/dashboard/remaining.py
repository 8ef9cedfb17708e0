"""The tile "Remaining error" of the overview: the one number it shows about wrong labels, in all its states.

It is never made from flags alone: without an audit it says so, and what can be done about it.
"""

import math
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from labeler.audits.estimate import FEWEST, Estimate
from labeler.audits.models import Audit
from labeler.audits.stopping import Verdict
from labeler.projects.models import Project
from labeler.statistics.remaining_error import RemainingError, remaining_error, seconds_an_answer
from labeler.web.audits.view_model import sizes_for
from labeler.web.dashboard.view_model import RemainingTile
from labeler.web.shared.charts import Gauge, gauge_end
from labeler.web.shared.words import format_date, format_decimal, format_tenths, ngettext
from labeler.web.shared.words import gettext as _

Address = Callable[..., str]


def read_remaining(session: Session, project: Project, labels: int, waiting: int, url: Address) -> RemainingTile:
    """Return the tile of a project.

    labels: with one final label; waiting: items in the review queue; url: the address of a page of the project.
    """
    known = remaining_error(session, project, labels=labels)
    if known.running is not None:
        return _running(known, url)
    if known.result is None or known.estimate is None:
        return _unmeasured(session, project, known, waiting, url)
    return _measured(known, known.result.audit, known.estimate, waiting, url)


def _unmeasured(session: Session, project: Project, known: RemainingError, waiting: int, url: Address) -> RemainingTile:
    if known.state == "too_few":
        note = _(
            "Can be measured from %(fewest)s labeled items; %(labels)s so far.",
            fewest=FEWEST,
            labels=format_decimal(known.labels),
        )
        return RemainingTile(_("Not measured"), note=note, quiet=True)
    note = (
        ngettext(
            "%(num)s label waits in review; what has no flag nobody has looked at.",
            "%(num)s labels wait in review; what has no flag nobody has looked at.",
            waiting,
        )
        if waiting
        else _("Nobody has looked at the labels that have no flag.")
    )
    minutes = math.ceil(sizes_for(known.labels)[0] * seconds_an_answer(session, project.id) / 60)
    action = ngettext("Measure it, from %(num)s minute", "Measure it, from %(num)s minutes", minutes)
    return RemainingTile(_("Not measured"), note=note, action=action, href=url("audits"), quiet=True)


def _running(known: RemainingError, url: Address) -> RemainingTile:
    audit, far = known.running or (None, None)
    if audit is None or far is None:
        raise ValueError("no audit is under way")
    note = _("The result is shown when all are in.")
    if far.undecided:
        note = ngettext("%(num)s answer waits for you.", "%(num)s answers wait for you.", far.undecided)
    if known.result is not None and known.estimate is not None:
        note += " " + _(
            "The number before: %(share)s, %(day)s.",
            share=format_tenths(known.estimate.share),
            day=_day(known.result.audit),
        )
    return RemainingTile(
        _("%(answered)s of %(size)s", answered=format_decimal(far.answered), size=format_decimal(far.size)),
        small=_("answered"),
        meter=far.answered / far.size,
        note=note,
        action=_("Show the audit"),
        href=url("audit", number=audit.number),
    )


def _measured(known: RemainingError, audit: Audit, one: Estimate, waiting: int, url: Address) -> RemainingTile:
    strong, note, action, href = _words(known, audit, waiting, url)
    sure = _("at any time") if known.state == "early" else "95%"
    low, high = format_decimal(100 * one.low, "0.0"), format_tenths(one.high)
    return RemainingTile(
        format_tenths(one.share),
        small=_("%(low)s to %(high)s, %(sure)s", low=low, high=high, sure=sure),
        gauge=Gauge(
            one.share, one.low, one.high, known.maximum, end=gauge_end(one.high, known.maximum), as_percent=True
        ),
        strong=strong,
        note=note,
        action=action,
        href=href,
        result=url("audit", number=audit.number),
    )


def _words(known: RemainingError, audit: Audit, waiting: int, url: Address) -> tuple[str, str, str, str]:
    """Return what stands in bold, the sentence after it, and the button."""
    day, checked = _day(audit), format_decimal(known.result.estimate.checked if known.result else 0)
    review = (ngettext("Review %(num)s", "Review %(num)s", waiting), url("review"))
    again = (_("Audit again"), url("audits"))
    source = _("From %(checked)s items, audit of %(day)s", checked=checked, day=day)
    if known.state == "out_of_date":
        strong = _(
            "For %(old)s of %(all)s labels.", old=format_decimal(audit.population), all=format_decimal(known.labels)
        )
        came = format_decimal(known.new)
        return strong, _("%(new)s came after the audit of %(day)s and are not in it", new=came, day=day), *again
    strong = _about_maximum(known)
    if known.state == "reviewed":
        since = format_decimal(known.reviewed + known.corrected)
        note = _("Audit of %(day)s, brought up to date with %(since)s decisions since", day=day, since=since)
        return strong, note, _("Audit again to confirm"), url("audits")
    if known.state == "early":
        size = format_decimal(len(known.result.items) + known.result.unanswered if known.result else 0)
        return strong, _("Closed early with %(checked)s of %(size)s items", checked=checked, size=size), *again
    if known.verdict is Verdict.MET:
        return strong, source, _("Export the labels"), url("exports")
    return strong, source, *(review if waiting else again)


def _about_maximum(known: RemainingError) -> str:
    maximum = format_tenths(known.maximum)
    if known.verdict is Verdict.MET:
        return _("Maximum %(maximum)s: met, you can stop.", maximum=maximum)
    if known.verdict is Verdict.NOT_MET:
        return _("Maximum %(maximum)s: not met.", maximum=maximum)
    if known.estimate is not None and known.estimate.high <= known.maximum:
        return _("Maximum %(maximum)s: met as expected, not yet shown.", maximum=maximum)
    return _("Maximum %(maximum)s: inside the range.", maximum=maximum)


def _day(audit: Audit) -> str:
    closed: datetime = audit.closed_at or audit.started_at
    return format_date(closed.date(), _("d MMM"))
