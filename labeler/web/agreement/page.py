"""What the agreement page shows, as plain values with the addresses of what was counted; its words are in templates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from labeler.accounts.queries import users_by_id
from labeler.agreement.meant import Meant
from labeler.measures.headline import Headline
from labeler.measures.summary import ENOUGH_ITEMS
from labeler.projects.models import Project
from labeler.projects.queries import Classes, guidelines_of, imports_of
from labeler.statistics.agreement_numbers import Everything
from labeler.statistics.agreement_report import Period
from labeler.statistics.agreement_rows import named
from labeler.statistics.agreement_slices import DifferingSlice, LabelDrift, Where
from labeler.web.agreement.charts import Figure, OverTime, Scored, figure, over_time
from labeler.web.agreement.differing import Differing, read_differing
from labeler.web.agreement.links import Links
from labeler.web.agreement.method import MethodRow, citation, method_rows
from labeler.web.agreement.people import People, read_people
from labeler.web.dashboard.agreement import read_agreement
from labeler.web.dashboard.view_model import Agreement, ClassMark
from labeler.web.shared.charts import RangeDot, range_dot


@dataclass(frozen=True)
class ClassPairRow:
    """Two classes taken for one another. share: of all disagreement; meter: of the largest share."""

    first: ClassMark
    second: ClassMark
    share: float
    meter: float
    items: int
    href: str
    settled: float | None
    workshop: str


@dataclass(frozen=True)
class ClassRow:
    """A class: how often another says it too when one does, with its range; items and those of them that differ."""

    mark: ClassMark
    specific: float | None
    interval: tuple[float, float] | None
    dot: RangeDot | None
    beyond: float | None
    answers: int
    items: int
    items_href: str
    differ: int
    differ_href: str


@dataclass(frozen=True)
class PartRow:
    """A week, or the items of one version of the guidelines. name: of the version, "" for a week."""

    first: date
    last: date
    items: int
    href: str
    lead: Headline | None
    version: int = 0


@dataclass(frozen=True)
class SliceRow:
    """A part of the items. kind, name: of it; hrefs: of its items, and of those whose answers differ."""

    one: DifferingSlice
    kind: str
    name: str
    monday: date | None
    items_href: str
    differ_href: str
    only_href: str


@dataclass(frozen=True)
class DriftRow:
    """A part that is labeled differently: most of all in one class. href: its items with that label."""

    one: LabelDrift
    kind: str
    name: str
    monday: date | None
    mark: ClassMark
    href: str


@dataclass(frozen=True)
class LabelRow:
    """A class with the items whose final label it is."""

    mark: ClassMark
    items: int
    share: float
    href: str


@dataclass(frozen=True)
class AgreementPage:
    """Everything on the page. said: what the measure says as tools read it; missing: items before there is a number."""

    every: Everything
    links: Links
    agreement: Agreement
    said: Mapping[str, Any]
    missing: int
    enough: int
    figure: Figure | None
    over_time: OverTime | None
    weeks: tuple[PartRow, ...]
    versions: tuple[PartRow, ...]
    pairs: tuple[ClassPairRow, ...]
    classes: tuple[ClassRow, ...]
    slices: tuple[SliceRow, ...]
    drifts: tuple[DriftRow, ...]
    labels: tuple[LabelRow, ...]
    people: People
    differing: Differing | None
    method: tuple[MethodRow, ...]
    citation: str
    abouts: tuple[str, ...]
    least: float = 0.001  # below it a chance is said to be under it

    @property
    def standing_out(self) -> tuple[SliceRow, ...]:
        """The parts whose answers differ more."""
        return tuple(row for row in self.slices if row.one.stands_out)

    @property
    def drifting(self) -> tuple[DriftRow, ...]:
        """The parts that are labeled differently."""
        return tuple(row for row in self.drifts if row.one.found.stands_out)


def read_page(session: Session, project: Project, every: Everything) -> AgreementPage:
    """Say what was read, with the names of people and imports."""
    names, files = names_of(session, every), {one.id: one.name for one in imports_of(session, project.id)}
    versions = [(one.created_at.date(), one.version) for one in guidelines_of(session, project.id)]
    report = every.report
    classes, links = report.classes, Links(project.slug, report.meant, report.classes)
    agreement = read_agreement(project, report.measured, classes.names)
    slices = tuple(_slice(links, one, files) for one in every.slices)
    return AgreementPage(
        every=every,
        links=links,
        agreement=agreement,
        said=report.measured.as_dict(classes.names),
        missing=max(ENOUGH_ITEMS - report.items, 0),
        enough=ENOUGH_ITEMS,
        figure=_figure(agreement, ordered=classes.task.ordered),
        over_time=_over_time(every, agreement.target, versions),
        weeks=tuple(_period(links, one) for one in report.weeks),
        versions=_versions(every, links),
        pairs=_pairs(every, links),
        classes=_classes(every, links),
        slices=slices,
        drifts=_drifts(every, links, files),
        labels=_labels(every, links),
        people=read_people(every, links, names),
        differing=read_differing(session, every, names),
        method=method_rows(every),
        citation=citation(report, report.measured.headline(classes.names)),
        abouts=_abouts(slices, report.meant),
    )


def names_of(session: Session, every: Everything) -> dict[int, str]:
    """Return the names of everybody on the page, by id."""
    drawn = every.differences.worst if every.differences else ()
    users = {one.user for one in every.people} | {user for pair in drawn for user in (pair.one, pair.two)}
    return {one.id: one.name or one.email for one in users_by_id(session, users)}


def mark_of(classes: Classes, index: int) -> ClassMark:
    """Return a class as it is shown."""
    return ClassMark(classes.names[index], index + 1)


def _figure(agreement: Agreement, *, ordered: bool) -> Figure | None:
    estimate = agreement.estimate
    if ordered or estimate is None or agreement.percent is None or agreement.chance is None:
        return None  # on an ordered scale the score counts steps, which the percentage does not
    score = (estimate.value, estimate.low, estimate.high)
    return figure(agreement.percent, agreement.chance, score, agreement.target)


def _over_time(every: Everything, target: float | None, versions: Sequence[tuple[date, int]]) -> OverTime | None:
    names = every.report.classes.names
    weeks, days = (_scored(found, names) for found in (every.report.weeks, every.report.days))
    return over_time(weeks, days, versions, target)


def _scored(periods: Sequence[Period], names: tuple[str, ...]) -> list[Scored]:
    found = []
    for one in periods:
        lead = one.measured.headline(names) if one.measured else None
        if lead and lead.value is not None and lead.interval:
            found.append(Scored(one.first, one.last, lead.value, lead.interval.low, lead.interval.high))
    return found


def _period(links: Links, one: Period) -> PartRow:
    lead = one.measured.headline(links.classes.names) if one.measured else None
    return PartRow(one.first, one.last, one.items, links.two(links.within(one.first, one.last)), lead)


def _versions(every: Everything, links: Links) -> tuple[PartRow, ...]:
    names = links.classes.names
    return tuple(
        PartRow(
            one.first,
            one.last,
            one.items,
            links.two(replace(links.meant, version=one.version)),
            one.measured.headline(names) if one.measured else None,
            one.version,
        )
        for one in reversed(every.report.versions)
    )


def _pairs(every: Everything, links: Links) -> tuple[ClassPairRow, ...]:
    codes, found = links.classes.codes, every.report.pairs
    return tuple(
        ClassPairRow(
            mark_of(links.classes, one.first),
            mark_of(links.classes, one.second),
            one.share,
            one.share / found[0].share,
            one.items,
            links.two(vote=codes[one.first], beside=codes[one.second]),
            one.settled,
            links.workshop(codes[one.first], codes[one.second]),
        )
        for one in found
    )


def _classes(every: Everything, links: Links) -> tuple[ClassRow, ...]:
    report, codes = every.report, links.classes.codes
    if not report.class_items:
        return ()
    rows = []
    for said, items, span in zip(
        report.measured.per_class, report.class_items, _spans(report.measured.as_dict(links.classes.names)), strict=True
    ):
        code = codes[said.index]
        rows.append(
            ClassRow(
                mark_of(links.classes, said.index),
                said.specific,
                span,
                range_dot(said.specific, span, None, 0.0) if said.specific is not None and span else None,
                said.alpha,
                said.answers,
                items.items,
                links.two(vote=code),
                items.differ,
                links.differ(vote=code),
            )
        )
    return tuple(sorted(rows, key=lambda row: (row.specific is None, row.specific)))


def _spans(said: Mapping[str, Any]) -> list[tuple[float, float] | None]:
    return [tuple(one["interval"]) if one["interval"] else None for one in said["classes"]]


def _slice(links: Links, one: DifferingSlice, files: Mapping[int, str]) -> SliceRow:
    inside = links.where(one.where)
    return SliceRow(
        one,
        *_named(one.where, files),
        links.two(inside),
        links.differ(inside),
        links.page(meant=inside),
    )


def _named(where: Where, files: Mapping[int, str]) -> tuple[str, str, date | None]:
    kind, name = named(where, files)
    return (kind, name, None) if where.by != "week" else (kind, "", date.fromisoformat(name))


def _drifts(every: Everything, links: Links, files: Mapping[int, str]) -> tuple[DriftRow, ...]:
    return tuple(
        DriftRow(
            one,
            *_named(one.where, files),
            mark_of(links.classes, one.found.most),
            links.items(links.where(one.where), final=links.classes.codes[one.found.most]),
        )
        for one in (every.balance.drifts if every.balance else ())
    )


def _labels(every: Everything, links: Links) -> tuple[LabelRow, ...]:
    if every.balance is None or not every.balance.total:
        return ()
    return tuple(
        LabelRow(
            mark_of(links.classes, index),
            items,
            items / every.balance.total,
            links.items(final=links.classes.codes[index]),
        )
        for index, items in enumerate(every.balance.finals)
    )


def _abouts(slices: Sequence[SliceRow], meant: Meant) -> tuple[str, ...]:
    """Return the values of metadata that can be chosen, as they stand in an address."""
    found = {f"{row.one.where.column}={row.one.where.value}" for row in slices if row.one.where.by == "about"}
    return tuple(sorted(found | ({meant.about} if meant.about else set())))
