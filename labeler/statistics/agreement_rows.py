"""All numbers about agreement as rows of one table: what the page's file and the API give, number by number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.measures.headline import as_number, as_percent, shown
from labeler.statistics.agreement_numbers import Everything
from labeler.statistics.agreement_report import AgreementReport, Period
from labeler.statistics.agreement_slices import Where, week_starts

if TYPE_CHECKING:
    from labeler.measures.headline import Measured
    from labeler.measures.intervals import Interval


@dataclass(frozen=True)
class Row:
    """One number. part: of the page; name, other: whom or what it is of; measure: which; shown: as pages print it.

    items: that it is counted from; differ: of them those whose answers differ.
    """

    part: str
    name: str
    other: str
    measure: str
    shown: str
    value: float | None
    low: float | None = None
    high: float | None = None
    items: int | None = None
    differ: int | None = None


COLUMNS = tuple(Row.__dataclass_fields__)


def rows(every: Everything, people: Mapping[int, str], imports: Mapping[int, str]) -> Iterator[Row]:
    """Yield every number. people, imports: names by id."""
    yield from _lead(every.report)
    yield from _times(every.report)
    yield from _classes(every.report)
    for one in every.slices:
        name, other = named(one.where, imports)
        yield Row(
            "slice", name, other, "items_that_differ", as_percent(one.share), one.share, None, None, one.items,
            one.differ,
        )  # fmt: skip
    yield from _differences(every)
    yield from _balance(every, imports)
    yield from _people(every, people)


def named(where: Where, imports: Mapping[int, str]) -> tuple[str, str]:
    """Return what a part is called: the kind of it or the column, and which one."""
    if where.by == "about":
        return where.column, where.value
    names = {
        "import": imports.get(where.number, ""),
        "week": week_starts(where.number).isoformat() if where.by == "week" else "",
    }
    return where.by, names.get(where.by) or str(where.number)


def _lead(report: AgreementReport) -> Iterator[Row]:
    said = report.measured.as_dict(report.classes.names)
    lead = report.measured.headline(report.classes.names)
    texts = shown(lead)
    common = {"items": report.items, "differ": report.differ}
    yield _row(("lead", ""), str(said["measure"]), texts["value"], lead.value, lead.interval, **common)
    yield _row(("lead", ""), "same_answer", texts["percent"], lead.percent, None, **common)
    yield _row(("lead", ""), "by_chance", texts["chance"], lead.chance, None, **common)
    for name in ("within_one", "jaccard", "found", "class_agreement"):
        if said.get(name) is not None:
            yield _row(("lead", ""), name, as_percent(said[name]), said[name], None, **common)
    for one in said.get("details", ()):
        yield _row(("lead", ""), one["measure"], as_number(one["value"]), one["value"], None, **common)


def _row(
    of: tuple[str, str], measure: str, text: str, value: float | None, span: Interval | None, **counts: int
) -> Row:
    low, high = (span.low, span.high) if span else (None, None)
    return Row(*of, "", measure, text, value, low, high, counts.get("items"), counts.get("differ"))


def _of_group(part: str, name: str, items: int, measured: Measured | None, classes: tuple[str, ...]) -> Row:
    if measured is None:
        return Row(part, name, "", "agreement", "", None, items=items)
    lead = measured.headline(classes)
    return _row((part, name), "agreement", shown(lead)["value"], lead.value, lead.interval, items=items)


def _times(report: AgreementReport) -> Iterator[Row]:
    names = report.classes.names
    periods: tuple[tuple[str, tuple[Period, ...]], ...] = (("week", report.weeks), ("day", report.days))
    for part, found in periods:
        for one in found:
            yield _of_group(part, one.first.isoformat(), one.items, one.measured, names)
    for version in report.versions:
        yield _of_group("guidelines", str(version.version), version.items, version.measured, names)


def _classes(report: AgreementReport) -> Iterator[Row]:
    names = report.classes.names
    said = report.measured.as_dict(names)
    for number, one in enumerate(said.get("classes", ())):
        low, high = one["interval"] or (None, None)
        counted = report.class_items[number] if report.class_items else None
        items, differ = (counted.items, counted.differ) if counted else (None, None)
        specific, alpha = one["specific_agreement"], one["alpha"]
        yield Row("class", names[number], "", "another_says_it_too", as_percent(specific), specific, low, high, items,
                  differ)  # fmt: skip
        yield Row("class", names[number], "", "krippendorff_alpha", as_number(alpha), alpha, None, None, items, differ)
    for pair in report.pairs:
        first, second = names[pair.first], names[pair.second]
        yield Row("classes", first, second, "share_of_disagreement", as_percent(pair.share), pair.share,
                  items=pair.items)  # fmt: skip
        yield Row("classes", first, second, "if_settled", as_number(pair.settled), pair.settled, items=pair.items)


def _differences(every: Everything) -> Iterator[Row]:
    found = every.differences
    if found is None:
        return
    span = found.credit_interval
    yield _row(("lead", ""), "partial_credit", as_number(found.credit), found.credit, span, items=found.items)
    yield _row(("lead", ""), "mean_overlap", as_number(found.overlap), found.overlap, None, items=found.items)
    for kind, parts in sorted(found.parts.items()):
        share = parts / found.total
        yield _row(("difference", kind), "share_of_marks", as_percent(share), share, None, items=found.items)
    for step, share in found.by_overlap:
        name = as_number(step)
        yield _row(("overlap", name), "with_a_partner", as_percent(share), share, None, items=found.items)


def _balance(every: Everything, imports: Mapping[int, str]) -> Iterator[Row]:
    if every.balance is None:
        return
    names, total = every.report.classes.names, every.balance.total
    for number, items in enumerate(every.balance.finals):
        share = items / total if total else None
        yield Row("label", names[number], "", "share_of_labels", as_percent(share), share, items=items)
    for one in every.balance.drifts:
        name, other = named(one.where, imports)
        for measure in ("effect", "chance", "psi", "divergence"):
            value = getattr(one.found, measure)
            yield Row("label_drift", name, other, measure, as_number(value), value, items=one.found.items)


def _people(every: Everything, people: Mapping[int, str]) -> Iterator[Row]:
    names = every.report.classes.names
    for pair in every.pairs:
        lead = pair.measured.headline(names) if pair.measured else None
        span = lead.interval if lead else None
        low, high = (span.low, span.high) if span else (None, None)
        value = lead.value if lead else None
        one, two = people.get(pair.one, str(pair.one)), people.get(pair.two, str(pair.two))
        yield Row("people", one, two, "agreement", as_number(value), value, low, high, pair.items, pair.differ)
        if pair.kappa is not None:
            kappa = as_number(pair.kappa)
            yield Row("people", one, two, "cohen_kappa", kappa, pair.kappa, None, None, pair.items, pair.differ)
    for person in every.people:
        share = person.agreed / person.compared if person.compared else None
        name = people.get(person.user, str(person.user))
        yield Row("person", name, "", "with_the_others", as_percent(share), share, items=person.items,
                  differ=person.differ)  # fmt: skip
        same, of = every.repeats.get(person.user, (0, 0))
        if of:
            yield Row(
                "person", name, "", "with_themselves", as_percent(same / of), same / of, items=of, differ=of - same
            )
