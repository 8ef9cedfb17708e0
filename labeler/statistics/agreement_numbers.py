"""All that is said about agreement on the answers that are meant: read here, in words on the page, as rows in files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from labeler.agreement.meant import EVERY, Meant
from labeler.measures.summary import ENOUGH_ITEMS
from labeler.projects.models import Project
from labeler.projects.queries import Classes
from labeler.statistics.agreement_differences import Differences, read_differences
from labeler.statistics.agreement_people import (
    MOST_PEOPLE,
    PairOfPeople,
    PersonCompared,
    pairs_of_people,
    persons_compared,
)
from labeler.statistics.agreement_report import AgreementReport, read_agreement
from labeler.statistics.agreement_slices import Balance, DifferingSlice, balance, differing_slices
from labeler.statistics.annotator_reads import repeats_by_person
from labeler.statistics.counts import tally
from labeler.statistics.snapshot import Snapshot


@dataclass(frozen=True)
class Everything:
    """Agreement, where it comes from, and who agrees with whom.

    slices: none before there are enough items to say a number; balance: where an answer is one class; pairs: none where
    people are too many for them or parts of answers are compared; people: none where they cannot be compared;
    differences: where answers have parts; repeats: (the same, of) answers of a person to items they had answered
    before, by user id, of the whole project or not at all.
    """

    report: AgreementReport
    slices: tuple[DifferingSlice, ...] = ()
    balance: Balance | None = None
    pairs: tuple[PairOfPeople, ...] = ()
    people: tuple[PersonCompared, ...] = ()
    differences: Differences | None = None
    repeats: Mapping[int, tuple[int, int]] = field(default_factory=dict)


def read_everything(session: Session, project: Project, classes: Classes, books: Snapshot, meant: Meant) -> Everything:
    """Return all of it, from a project's books."""
    report, found = read_agreement(session, project, classes, books, meant)
    labels = balance(session, books, found, meant) if classes.task.one_class else None
    if report.items < ENOUGH_ITEMS:
        return Everything(report, balance=labels, differences=read_differences(session, found, meant.way))
    known = None if classes.task.one_class else _compared_in_parts(books, classes)
    return Everything(
        report,
        differing_slices(session, project.id, found),
        labels,
        pairs_of_people(found) if found.whole and report.people <= MOST_PEOPLE else (),
        tuple(persons_compared(found, known)) if known is None or meant == EVERY else (),
        read_differences(session, found, meant.way),
        repeats_by_person(session, project.id) if meant == EVERY else {},
    )


def _compared_in_parts(books: Snapshot, classes: Classes) -> Mapping[int, tuple[int, int]]:
    """Return (agreed, compared) of everybody whose answers are compared thing by thing."""
    return {one.user: (one.agreed, one.compared) for one in tally(books, classes.codes).people}
