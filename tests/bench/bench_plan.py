"""Do forecasts and plans hold? `python -m tests.bench.bench_plan [--projects 50] [--short]`, JSON lines.

Forecasts: simulated teams with good and bad days, weekends and people who come and go; each is asked at one moment when
it will be done and how many items a week brings, and the range is held against what came: 80 % of them should hold it.
Plans: of each recorded label set with known truth the first hundred items with three answers are all that is known; the
plans are held against that set, answered by as many of its own people as the plan says and put together by the method
that a project would use. Needs `../shared/data`.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from labeler.consensus.base import Votes
from labeler.consensus.methods import one_coin
from labeler.consensus.registry import METHODS, recommended
from labeler.cost.crowd import ANSWERS, FIRST, Pace, agreement, crowds
from labeler.cost.plans import LEAST, Plan, Wanted, foreseen
from labeler.cost.simulation import Answered, course, ends
from labeler.statistics.counts import ProjectCounts
from labeler.statistics.foreseen import outlook
from tests.bench.label_sets import LabelSet, read_all
from tests.bench.report import emit, seconds, shared_data

START = date(2026, 1, 5)  # a Monday
LONGEST = 400  # days
TARGET = 0.03
Ints = NDArray[np.int64]


# -- forecasts --------------------------------------------------------------------------------------------------------


def daily(chance: np.random.Generator) -> Ints:
    """Return the items a team does on each day: people with a pace of their own, days off, weekends of some."""
    people = int(chance.integers(2, 9))
    own = chance.lognormal(3.5, 0.5, people)
    at_weekends = chance.random() < 0.2
    days = np.arange(LONGEST)
    works = chance.random((LONGEST, people)) < 0.85
    works &= at_weekends | ((START.weekday() + days) % 7 < 5)[:, None]
    amount = own * chance.lognormal(0, 0.4, (LONGEST, people))
    return np.asarray(chance.poisson((works * amount).sum(axis=1)), np.int64)


def counts_at(done: Ints, items: int, day: int) -> ProjectCounts:
    """Return the counts of a project in the morning of a day."""
    days = [
        ((START + timedelta(days=at)).toordinal(), int(done[at]))
        for at in range(day)
        if at == 0 or done[at] > done[at - 1]
    ]
    known = tuple(one for one in days if one[1])
    return ProjectCounts(items, int(done[day - 1]), 0, (), (), 0, 0, 0, 0, 0, 0.0, None, known, ())


def hits(projects: int, seed: int) -> tuple[list[bool], list[bool]]:
    """Return of each project whether the end lay in its range, and of all Fridays whether the week did."""
    ended, fridays = [], []
    for number in range(projects):
        chance = np.random.default_rng((seed, number))
        came = daily(chance)
        length = int(chance.integers(20, 90))
        items = int(came[:length].sum())
        done = np.minimum(came.cumsum(), items)
        end = int((done >= items).argmax())
        asked = int(chance.integers(7, max(8, end - 3)))
        found = outlook(counts_at(done, items, asked), START + timedelta(days=asked))
        if found.ahead is not None:
            late = found.ahead.late or LONGEST
            ended.append(asked + found.ahead.early <= max(end, asked + 1) <= asked + late)
        after = outlook(counts_at(done, items, end), START + timedelta(days=end))
        fridays += [one.hit is True for one in after.known]
    return ended, fridays


# -- plans ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Table:
    """Labels of a set, those of an item beside each other in an order of chance. -1: none."""

    person: Ints
    said: Ints
    truth: Ints


def table(found: LabelSet) -> Table:
    """Return the labels of the items whose truth is known."""
    votes, most = found.votes, int(found.votes.per_item().max())
    order = np.lexsort((np.random.default_rng(1979).random(len(votes.item)), votes.item))
    place = np.arange(len(order)) - np.searchsorted(votes.item[order], votes.item[order])
    person, said = np.full((2, votes.n_items, most), -1, np.int64)
    person[votes.item[order], place], said[votes.item[order], place] = votes.annotator[order], votes.label[order]
    known = found.truth >= 0
    return Table(person[known], said[known], found.truth[known])


def votes_of(found: Table, number: int, classes: int) -> tuple[Votes, Ints]:
    """Return the first so many answers of the items that have them, and the truth of these."""
    whole = (found.said[:, :number] >= 0).all(axis=1)
    person, said = found.person[whole, :number], found.said[whole, :number]
    many = int(whole.sum())
    people = int(found.person.max()) + 1
    made = Votes(np.repeat(np.arange(many), number), person.ravel(), said.ravel(), many, people, classes)
    return made, found.truth[whole]


def replayed(found: Table, plan: Plan, classes: int) -> tuple[float, float]:
    """Return the share of labels wrong and the answers an item had, as the set's own people gave them."""
    votes, truth = votes_of(found, plan.most, classes)
    if plan.target is None:
        made = METHODS[recommended(votes)](votes)
        return float((made.probabilities.argmax(axis=1) != truth).mean()), float(plan.most)
    fitted = one_coin.consensus(votes)
    assert fitted.accuracy is not None
    shape, person, label = (votes.n_items, plan.most), votes.annotator.astype(np.int64), votes.label.astype(np.int64)
    went = course(
        Answered(person.reshape(shape), label.reshape(shape), fitted.accuracy),
        fitted.probabilities.mean(axis=0),
    )
    last = ends(went.doubt, plan.least, plan.most, plan.target)
    return float((went.after(last) != truth).mean()), float(last.mean())


def compared(found: LabelSet) -> Iterator[dict[str, object]]:
    """Yield each plan that a set can be held against: its range, and what came."""
    classes, rows = len(found.classes), table(found)
    enough = rows.said[(rows.said[:, :ANSWERS] >= 0).sum(axis=1) == ANSWERS, :ANSWERS]
    if len(enough) < FIRST:
        return
    drawn = crowds(agreement(enough[:FIRST].tolist(), classes), classes, Pace(10.0))
    width = rows.said.shape[1]
    most = [n for n in (1, 2, 3, 5, 7) if n <= width and (rows.said[:, :n] >= 0).all(axis=1).sum() >= FIRST]
    plans = [Plan(number, number) for number in most if number != 7]
    plans += [Plan(LEAST, number, TARGET) for number in most if number >= 5]
    people = max(most[-1], len(np.unique(rows.person[rows.person >= 0])))
    wanted = Wanted(len(rows.truth), TARGET, people, minutes=60)
    for one in foreseen(wanted, drawn, plans):
        error, answers = replayed(rows, one.plan, classes)
        yield {
            "set": found.name,
            "plan": f"{one.plan.least}-{one.plan.most}",
            "low": one.error.low,
            "middle": one.error.middle,
            "high": one.error.high,
            "came": error,
            "inside": one.error.low <= error <= one.error.high,
            "answers": one.answers,
            "answers_came": answers,
        }


def main() -> int:
    """Run it; returns 1 where a bar is missed."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--projects", type=int, default=50)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--short", action="store_true")
    chosen = arguments.parse_args()
    ended, fridays = hits(chosen.projects, chosen.seed)
    share, weeks = sum(ended) / len(ended), sum(fridays) / len(fridays)
    emit(bench="plan", what="end dates in their 80 % range", projects=len(ended), share=share)
    emit(bench="plan", what="weeks in their 80 % range", weeks=len(fridays), share=weeks)
    spent = seconds(lambda: foreseen(Wanted(12_000, TARGET, 10, 60), crowds(agreement([], 10), 10, Pace(5.0))), runs=1)
    emit(bench="plan", what="seconds to simulate plans, 10 classes", seconds=spent)
    data, inside = shared_data(), []
    for found in read_all(data) if data else []:
        for row in compared(found):
            inside.append(row["inside"])
            emit(bench="plan", what="plan against replay", **row)
    if inside:
        emit(
            bench="plan", what="plans within their range", plans=len(inside), share=sum(map(bool, inside)) / len(inside)
        )
    return int(not 0.7 <= share <= 0.9)


if __name__ == "__main__":
    sys.exit(main())
