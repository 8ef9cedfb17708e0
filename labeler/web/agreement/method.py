"""The coefficients by the names people know, when to use which, and the line that a paper cites."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from labeler.extensions.translating import translated
from labeler.measures.headline import Headline, as_percent
from labeler.measures.intervals import NORMAL, REPLICATES
from labeler.measures.named import TITLES
from labeler.statistics.agreement_numbers import Everything
from labeler.statistics.agreement_report import AgreementReport
from labeler.web.shared.words import format_date, format_decimal, ngettext
from labeler.web.shared.words import gettext as _


@dataclass(frozen=True)
class MethodRow:
    """One coefficient with its 95 % range (None: not known) and when it is used."""

    name: str
    value: float
    low: float | None
    high: float | None
    use: str


def method_rows(every: Everything) -> tuple[MethodRow, ...]:
    """Return every coefficient there is of what was measured, the leading one first."""
    names = every.report.classes.names
    lead, said = every.report.measured.headline(names), every.report.measured.as_dict(names)
    if lead.value is None:
        return ()
    low, high = (lead.interval.low, lead.interval.high) if lead.interval else (None, None)
    first = MethodRow(translated(lead.measure), lead.value, low, high, _("The number at the top."))
    return (first, *_named(said), *_cohen(every), *_of_parts(said))


def _named(said: Mapping[str, Any]) -> Iterator[MethodRow]:
    uses = {
        "gwet_ac1": _("Less pulled down when one class is very frequent."),
        "gwet_ac2_quadratic": _("The same for ordered classes."),
        "fleiss_kappa": _("The same idea as alpha; here over items with differing numbers of answers."),
        "brennan_prediger": _("Chance taken as the same for every class: Bennett's S."),
    }
    for one in said.get("details", ()):
        if one["measure"] in TITLES:
            reach = NORMAL * one["standard_error"] if one["standard_error"] is not None else None
            low, high = (None, None) if reach is None else (one["value"] - reach, min(one["value"] + reach, 1.0))
            name = translated(TITLES[one["measure"]])
            yield MethodRow(name, one["value"], low, high, uses[one["measure"]])


def _cohen(every: Everything) -> Iterator[MethodRow]:
    kappas = [pair.kappa for pair in every.pairs if pair.kappa is not None]
    if kappas:
        name = ngettext("Cohen's kappa, one pair", "Cohen's kappa, mean of %(num)s pairs", len(kappas))
        mean = sum(kappas) / len(kappas)
        yield MethodRow(name, mean, None, None, _("For two people; each pair is in the table of pairs."))


def _of_parts(said: Mapping[str, Any]) -> Iterator[MethodRow]:
    known = (
        ("found", _("F1, whatever the class"), _("Marked by both, all classes as one.")),
        ("class_agreement", _("Same class, given a partner"), _("Of the things that both marked.")),
        ("jaccard", _("Jaccard similarity, mean"), _("What two sets have in common, of all that is in either.")),
    )
    for name, title, use in known:
        if said.get(name) is not None:
            low, high = said.get(f"{name}_interval") or (None, None)
            yield MethodRow(title, said[name], low, high, use)
    if said.get("measure") == "f1" and said.get("alpha") is not None:
        low, high = said["interval"] or (None, None)
        use = _("A unit is a thing that anybody marked; its value is the class, or that it was not marked.")
        yield MethodRow(_("Krippendorff's alpha, existence and class"), said["alpha"], low, high, use)


def citation(report: AgreementReport, lead: Headline) -> str:
    """Return the line to cite, "" while there is no number with a range."""
    if lead.value is None or lead.interval is None:
        return ""
    agreed = f", {_('observed agreement')} {as_percent(lead.percent)}" if lead.percent is not None else ""
    return _(
        "%(measure)s = %(value)s, 95%% CI [%(low)s, %(high)s] (bootstrap over %(items)s items, %(replicates)s "
        "replicates)%(agreed)s, %(people)s annotators, %(answers)s annotations, %(first)s to %(last)s.",
        measure=translated(lead.measure),
        value=format_decimal(lead.value, "0.000"),
        low=format_decimal(lead.interval.low, "0.000"),
        high=format_decimal(lead.interval.high, "0.000"),
        items=format_decimal(report.items),
        replicates=format_decimal(REPLICATES),
        agreed=agreed,
        people=format_decimal(report.people),
        answers=format_decimal(report.answers),
        first=_day(report.first),
        last=_day(report.last),
    )


def _day(day: date | None) -> str:
    return format_date(day, "d MMMM y") if day else ""
