"""The card that says how far annotators agree, in the words of the measure that leads for the task type."""

from typing import TYPE_CHECKING

from labeler.projects.models import Project
from labeler.web.dashboard import view_model as view
from labeler.web.shared.words import gettext as _
from labeler.web.shared.words import ngettext

if TYPE_CHECKING:
    from labeler.agreement.intervals import Interval
    from labeler.agreement.labelsets import LabelSetAgreement
    from labeler.agreement.measured import Measured
    from labeler.agreement.summary import Summary

TARGET_ALPHA = 0.8


def read_agreement(project: Project, found: "Measured", names: tuple[str, ...]) -> view.Agreement:
    """Return what the dashboard says about agreement. names: of the classes."""
    from labeler.agreement.labelsets import LabelSetAgreement
    from labeler.agreement.objects import ObjectAgreement

    target = float(project.settings.get("target_alpha", TARGET_ALPHA))
    if isinstance(found, ObjectAgreement):
        reason = "" if found.f1_interval else _objects_wanted(found.objects)
        return view.Agreement(_("F1: marked by both with one class"), _estimate(found.f1, found.f1_interval), reason)
    if isinstance(found, LabelSetAgreement):
        estimate = _estimate(found.alpha, found.interval)
        reason = "" if estimate else _why_no_agreement(found)
        return view.Agreement(_("Krippendorff alpha, sets"), estimate, reason, target=target)
    top = names[found.top_class] if found.top_class is not None else ""
    paradox = _(
        "Most items are %(name)s, so annotators agree easily; the low score says they do not agree on the few others.",
        name=top,
    )
    return view.Agreement(
        measure=_("Krippendorff alpha, ordered") if found.scale == "ordinal" else _("Krippendorff alpha"),
        estimate=_estimate(found.alpha, found.interval),
        reason=_why_no_agreement(found),
        percent=found.percent,
        chance=found.chance,
        target=target,
        paradox=paradox if found.paradox else "",
        others=_others(found),
    )


def _others(found: "Summary") -> tuple[tuple[str, float], ...]:
    """Return the measures beside alpha that people know by name, of all annotators together."""
    words = {
        "gwet_ac1": _("Gwet's AC1"),
        "gwet_ac2_quadratic": _("Gwet's AC2, quadratic weights"),
        "fleiss_kappa": _("Fleiss' kappa"),
        "brennan_prediger": _("Brennan and Prediger's kappa"),
    }
    return tuple(
        (words[one.measure], one.value) for one in found.details if one.measure in words and one.value is not None
    )


def _estimate(value: float | None, interval: "Interval | None") -> view.Estimate | None:
    return None if value is None or interval is None else view.Estimate(value, interval.low, interval.high)


def _objects_wanted(objects: int) -> str:
    from labeler.agreement.summary import ENOUGH_ITEMS

    return ngettext(
        "Needs %(num)s more object on items with two answers (%(objects)s of %(enough)s so far).",
        "Needs %(num)s more objects on items with two answers (%(objects)s of %(enough)s so far).",
        max(ENOUGH_ITEMS - objects, 0),
        objects=objects,
        enough=ENOUGH_ITEMS,
    )


def _why_no_agreement(found: "Summary | LabelSetAgreement") -> str:
    from labeler.agreement.labelsets import LabelSetAgreement
    from labeler.agreement.summary import ENOUGH_ITEMS, ENOUGH_OTHERS, Reason

    pairs = found.items if isinstance(found, LabelSetAgreement) else found.pairable_items
    others = found.others
    words = {
        Reason.NO_PAIRS: _("Appears when items have answers of two annotators; no item has two yet."),
        Reason.ONE_CLASS: _(
            "Everyone gave the same answer to everything, so agreement beyond chance cannot be judged."
        ),
        Reason.FEW_ITEMS: ngettext(
            "Needs %(num)s more item with two answers (%(pairs)s of %(enough)s so far).",
            "Needs %(num)s more items with two answers (%(pairs)s of %(enough)s so far).",
            max(ENOUGH_ITEMS - pairs, 0),
            pairs=pairs,
            enough=ENOUGH_ITEMS,
        ),
        Reason.FEW_OTHERS: _(
            "Too few answers outside the most used class (%(others)s of %(enough)s) to say how well annotators agree.",
            others=others,
            enough=ENOUGH_OTHERS,
        ),
        Reason.UNSTABLE: _("The answers outside the most used class come from too few items."),
    }
    return words[found.reason] if found.reason else ""
