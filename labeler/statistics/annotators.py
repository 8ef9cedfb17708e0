"""What a lead reads about each annotator: how accurate, how alike the others, at what pace, and what to look at.

Counting only, no database. Note what is not counted: a decision about a flag judges nobody here, since flags are raised
for looking wrong; and nobody is compared with a consensus that their own answer is part of.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from labeler.annotations.columns import IDLE
from labeler.measures import haste
from labeler.measures.drift import Alarm, Drift, drift, limit_for
from labeler.measures.intervals import wilson
from labeler.measures.persons import consensus_of_the_others
from labeler.statistics.checked_answers import NONE_CHECKED, Checked, checked_by_person
from labeler.statistics.counts import judged_votes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from labeler.measures.haste import Sign
    from labeler.statistics.checked_answers import CheckedAnswer
    from labeler.statistics.counts import Person, ProjectCounts, Votes
    from labeler.statistics.snapshot import Snapshot

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Truths = NDArray[np.bool_]

FEWEST_OF_CLASS = 100  # answers to a class before a mix-up in it is something to look at
FEWEST_SHOWN = 30  # before it is shown at all
FEWEST_MIXED = 5
STANDS_OUT = 0.05  # above the others' share
A_POINT = 10  # answers compared that make one point of the line by day
SIGNS = 2  # signs of haste or pattern from which a person should have a look


@dataclass(frozen=True)
class MixUp:
    """How often a person answered `answered` where the others say `truth`. Classes are positions.

    usual: how often the others answer so there, as a share.
    """

    truth: int
    answered: int
    count: int
    of: int
    usual: float

    @property
    def share(self) -> float:
        """Of the person's answers to that class."""
        return self.count / self.of

    @property
    def stands_out(self) -> bool:
        """Whether somebody should have a look."""
        return self.of >= FEWEST_OF_CLASS and self.share - self.usual >= STANDS_OUT


@dataclass(frozen=True)
class Day:
    """Answers of one day, or of some until there were enough. day: the last of them, proleptic ordinal, UTC."""

    day: int
    same: int
    compared: int


@dataclass(frozen=True, eq=False)
class Judged:
    """A person's answers that somebody else judged, in the order given. id: of the answer; wrong: what was said."""

    id: Ints
    wrong: Truths


@dataclass(frozen=True, eq=False)
class AnnotatorFigures:
    """Everything about one annotator. repeats: (the same, of) answers to items they had answered before.

    since: day of the first answer; drift: None while too few answers are judged; alarm_day: on which the change that a
    standing alarm is about began, 0 without one. Days are proleptic ordinals, UTC.
    """

    person: Person
    since: int
    checked: Checked
    repeats: tuple[int, int]
    days: tuple[Day, ...]
    mix_ups: tuple[MixUp, ...]
    judged: Judged
    drift: Drift | None
    alarm_day: int
    signs: tuple[Sign, ...]

    @property
    def stands_out(self) -> MixUp | None:
        """The mix-up that is most above the others'."""
        return next((one for one in self.mix_ups if one.stands_out), None)

    @property
    def alarm(self) -> Alarm | None:
        """The drift alarm that stands."""
        return self.drift.alarm if self.drift else None

    @property
    def alarmed(self) -> bool:
        """Whether the drift alarm stands, or there are two signs of haste or pattern."""
        return len(self.signs) >= SIGNS or self.alarm is not None

    @property
    def please_look(self) -> bool:
        """Whether a lead should have a look at this person's answers."""
        return self.alarmed or self.stands_out is not None


@dataclass(frozen=True, eq=False)
class TimesOnItems:
    """The timed answers of everybody by item."""

    place: Ints
    user: Ints
    seconds: Floats

    @classmethod
    def of(cls, votes: Votes) -> TimesOnItems:
        """Sort them."""
        import numpy as np

        timed = np.flatnonzero((votes.seconds > 0) & (votes.seconds <= IDLE))
        order = timed[np.argsort(votes.place[timed], kind="stable")]
        return cls(votes.place[order], votes.user[order], votes.seconds[order])

    def of_others(self, user: int, places: Ints) -> Floats:
        """Return the seconds of everybody but `user` on these items."""
        import numpy as np

        places = np.unique(places)
        lows, highs = np.searchsorted(self.place, places), np.searchsorted(self.place, places, side="right")
        rows = np.concatenate([np.arange(low, high) for low, high in zip(lows, highs, strict=True)] or [lows])
        return np.asarray(self.seconds[rows[self.user[rows] != user]])


@dataclass(frozen=True, eq=False)
class Compared:
    """The counted answers with what the others say of each item: a class position, -1 where they say nothing."""

    votes: Votes
    others: Ints
    classes: int

    @cached_property
    def rows_of(self) -> dict[int, Ints]:
        """Rows of each person by user id, in the order given."""
        import numpy as np

        order = np.argsort(self.votes.user, kind="stable")
        users, starts = np.unique(self.votes.user[order], return_index=True)
        rows = np.split(order, starts[1:]) if len(users) else []
        return dict(zip(users.tolist(), rows, strict=True))

    @cached_property
    def mixed(self) -> Ints:
        """(classes, classes) answers by what the others say."""
        import numpy as np

        return self.table(np.arange(len(self.others)))

    def table(self, rows: Ints) -> Ints:
        """Return the same of some answers."""
        import numpy as np

        rows = rows[self.others[rows] >= 0]
        cells = self.others[rows] * self.classes + self.votes.label[rows]
        return np.bincount(cells, minlength=self.classes**2).reshape(self.classes, self.classes)

    @cached_property
    def times(self) -> TimesOnItems:
        """Of everybody, by item."""
        return TimesOnItems.of(self.votes)


def compared(books: Snapshot, codes: Sequence[str]) -> Compared:
    """Compare each counted answer with the others; where an answer is no single class, they say nothing here."""
    import numpy as np

    codes = codes if books.one_class else ("1",)
    votes, unjudged = judged_votes(books, codes)
    others = np.full(len(votes.id), -1, np.int64)
    if books.one_class:
        asked = np.flatnonzero(~unjudged[votes.place])
        others[asked] = consensus_of_the_others(votes.place[asked], votes.label[asked])
    return Compared(votes, others, len(codes))


def figures(
    books: Snapshot,
    tally: ProjectCounts,
    found: Compared,
    checked: Sequence[CheckedAnswer],
    repeats: Mapping[int, tuple[int, int]],
) -> list[AnnotatorFigures]:
    """Return the figures of everybody who answered, in the order of `tally.people`.

    found: of `compared`; repeats: (the same, of) by user id.
    """
    accuracy = checked_by_person(checked)
    judged = dict(_judged(books, found, checked))
    wrong = sum(int(one.wrong.sum()) for one in judged.values())
    team = wrong / max(1, sum(len(one.wrong) for one in judged.values()))
    limit = limit_for(len(tally.people))
    signs = _signs(found)
    drifts = {user: drift(one.wrong, team, limit) for user, one in judged.items()}
    return [
        AnnotatorFigures(
            person=person,
            since=_since(found, person.user),
            checked=accuracy.get(person.user, NONE_CHECKED),
            repeats=repeats.get(person.user, (0, 0)),
            days=tuple(_days(found, person.user)),
            mix_ups=tuple(_mix_ups(found, person.user)),
            judged=judged[person.user],
            drift=drifts[person.user],
            alarm_day=_alarm_day(books, judged[person.user], drifts[person.user]),
            signs=tuple(signs.get(person.user, ())),
        )
        for person in tally.people
    ]


def _alarm_day(books: Snapshot, judged: Judged, found: Drift | None) -> int:
    import numpy as np

    if found is None or found.alarm is None:
        return 0
    return int(books.answers.day[np.searchsorted(books.answers.id, judged.id[found.alarm.since])])


def _rows(found: Compared, user: int) -> Ints:
    import numpy as np

    return found.rows_of.get(user, np.zeros(0, np.int64))


def _since(found: Compared, user: int) -> int:
    rows = _rows(found, user)
    return int(found.votes.day[rows].min()) if len(rows) else 0


def _days(found: Compared, user: int) -> Iterator[Day]:
    """Yield the agreement by day, days of few answers together with the next."""
    import numpy as np

    rows = _rows(found, user)
    rows = rows[found.others[rows] >= 0]
    days, place = np.unique(found.votes.day[rows], return_inverse=True)
    same = np.bincount(place, weights=found.others[rows] == found.votes.label[rows], minlength=len(days))
    counted = np.bincount(place, minlength=len(days))
    agreed = of = 0
    for day, more, answers in zip(days.tolist(), same.tolist(), counted.tolist(), strict=True):
        agreed, of = agreed + int(more), of + answers
        if of >= A_POINT:
            yield Day(day, agreed, of)
            agreed = of = 0


def _mix_ups(found: Compared, user: int) -> list[MixUp]:
    """Return the mix-ups that are surely more frequent than with the others, most above them first."""
    import numpy as np

    own = found.table(_rows(found, user))
    others = found.mixed - own
    asked, usually = own.sum(axis=1), others.sum(axis=1)
    rows = []
    for truth, answered in np.argwhere(own >= FEWEST_MIXED).tolist():
        if truth == answered or asked[truth] < FEWEST_SHOWN or not usually[truth]:
            continue
        usual = float(others[truth, answered] / usually[truth])
        count, of = int(own[truth, answered]), int(asked[truth])
        if wilson(count, of).low > usual:
            rows.append(MixUp(truth, answered, count, of, usual))
    return sorted(rows, key=lambda one: (not one.stands_out, one.usual - one.share))


def _judged(books: Snapshot, found: Compared, checked: Sequence[CheckedAnswer]) -> Iterator[tuple[int, Judged]]:
    """Yield each person's judged answers: by what is known where an answer was checked, else by the others."""
    import numpy as np

    known: dict[int, dict[int, bool]] = defaultdict(dict)
    for one in checked:
        if one.annotation:
            known[one.user_id][one.annotation] = not one.right
    for user in np.unique(books.answers.user).tolist():
        rows = _rows(found, user)
        rows = rows[found.others[rows] >= 0]
        differs = found.others[rows] != found.votes.label[rows]
        said = dict(zip(found.votes.id[rows].tolist(), differs.tolist(), strict=True)) | known[user]
        ids = sorted(said)
        yield user, Judged(np.array(ids, np.int64), np.array([said[id_] for id_ in ids], np.bool_))


def with_ids(books: Snapshot, checked: Sequence[CheckedAnswer]) -> list[CheckedAnswer]:
    """Name the answer of each: where only person and item are known, that is their newest one to it."""
    import numpy as np

    answers, newest = books.answers, {}
    wanted = [one.item_id for one in checked if not one.annotation]
    for row in np.flatnonzero(np.isin(answers.item, wanted)).tolist() if wanted else ():
        newest[int(answers.user[row]), int(answers.item[row])] = int(answers.id[row])
    return [
        one if one.annotation else one._replace(annotation=newest.get((one.user_id, one.item_id), 0)) for one in checked
    ]


def _signs(found: Compared) -> dict[int, list[Sign]]:
    """Return the signs of haste or pattern of each person."""
    judged, scores, signs = {}, {}, {}
    for user, rows in found.rows_of.items():
        table = found.table(rows)
        judged[user], scores[user] = int(table.sum()), haste.spammer_score(table, found.mixed)
    for user, rows in found.rows_of.items():
        peers = [score for one, score in scores.items() if one != user and judged[one] >= haste.FEWEST_JUDGED]
        signs[user] = [
            sign
            for sign in (
                _fast(found, user, rows),
                haste.spammer(scores[user], judged[user], peers),
                _run(found, rows),
                _entropy(found, rows),
            )
            if sign
        ]
    return signs


def _fast(found: Compared, user: int, rows: Ints) -> Sign | None:
    votes = found.votes
    timed = (votes.seconds[rows] > 0) & (votes.seconds[rows] <= IDLE) & ~votes.paged[rows]
    recent = rows[timed][-haste.RECENT :]
    return haste.fast(votes.seconds[recent], found.times.of_others(user, votes.place[recent]))


def _run(found: Compared, rows: Ints) -> Sign | None:
    import numpy as np

    votes = found.votes
    if found.classes < 2:  # noqa: PLR2004 - answers that are no single class have no runs
        return None
    given = np.bincount(votes.label, minlength=found.classes) - np.bincount(votes.label[rows], minlength=found.classes)
    alone = rows[~votes.paged[rows]]  # a page is of one class by what it is
    if not given.sum():
        return None
    return haste.run(votes.label[alone], found.others[alone] == votes.label[alone], given / given.sum())


def _entropy(found: Compared, rows: Ints) -> Sign | None:
    rows = rows[found.others[rows] >= 0]
    return haste.entropy(found.votes.label[rows], found.others[rows])
