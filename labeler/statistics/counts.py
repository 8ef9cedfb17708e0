"""From the books of a project to the numbers a lead sees: counting only, no database.

Note: How far a person agrees is `measures.persons.with_the_others`: nobody is compared
with a consensus their own answer is part of, and not with what leads decided either, since leads look at what seems
wrong. And an item a lead took out is in no count but "done".
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.annotations.columns import COUNTED, IDLE, SKIPPED
from labeler.decisions.final import AMBIGUOUS
from labeler.measures.persons import with_the_others
from labeler.statistics.item_search import FAST, RECENT
from labeler.statistics.marks import Compared

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from labeler.annotations.columns import AnswerColumns
    from labeler.statistics.snapshot import Snapshot

    Ints = NDArray[np.int64]
    Truths = NDArray[np.bool_]

OPEN = -2  # of an item that a lead called ambiguous: nobody is judged by it
NOBODY = Compared(0, 0)


@dataclass(frozen=True)
class Mistaken:
    """How often one annotator answered `vote` where the final label is `final`; of: answers where it is."""

    final: int
    vote: int
    count: int
    of: int


@dataclass(frozen=True)
class Person:
    """One annotator. Classes are positions; seconds: active, breaks dropped, of `timed` answers.

    agreed of compared: answers (things marked, where they are no single class) that are the others' consensus, see
    `measures.persons.with_the_others`; fast: of the newest `recent`; mistaken: unlike the final label, most first.
    """

    user: int
    answers: int
    seconds: float
    timed: int
    agreed: int
    compared: int
    skips: int
    fast: int
    recent: int
    mistaken: tuple[Mistaken, ...]


@dataclass(frozen=True)
class ProjectCounts:
    """All counts of one project. done, labeled: see `statistics.progress`; finals: items by final class.

    mixed: answers by (final class, answered class); days: (ordinal, items done so far), one entry for each day on which
    items were done; median: seconds of an answer; one_class: answers are one class, else nothing is counted by class.
    Items with answers that count: answered, twice (two or more), mixed_items (in `mixed`), differing, undecided (of
    those that differ, without a final label as nobody decided yet); decided: with a class that a lead chose.
    """

    items: int
    done: int
    labeled: int
    finals: tuple[int, ...]
    mixed: tuple[tuple[int, ...], ...]
    ties: int
    sent_back: int
    skipped: int
    commented: int
    answers: int
    seconds: float
    median: float | None
    days: tuple[tuple[int, int], ...]
    people: tuple[Person, ...]
    one_class: bool = True
    answered: int = 0
    twice: int = 0
    mixed_items: int = 0
    differing: int = 0
    undecided: int = 0
    decided: int = 0

    @property
    def agreed(self) -> tuple[int, int]:
        """Answers that are the consensus of the others, of how many compared, all annotators together."""
        return sum(one.agreed for one in self.people), sum(one.compared for one in self.people)


@dataclass(frozen=True, eq=False)
class Votes:
    """Counted answers. place: of the item in the books; label, final: class positions, final -1 for none.

    id: of the answer; paged: given with a page of others, so that its seconds are a share of the page's and say nothing
    about haste.
    """

    id: Ints
    place: Ints
    user: Ints
    label: Ints
    seconds: NDArray[np.float64]
    day: Ints
    final: Ints
    paged: Truths


def tally(books: Snapshot, codes: Sequence[str]) -> ProjectCounts:
    """Count everything. codes: class ids as text in the project's order.

    Answers that are no single class are not counted by class, and compared thing by thing.
    """
    import numpy as np

    codes = codes if books.one_class else ("1",)
    answers, items = books.answers, books.given.item
    label_of, place_of = _Lookup(np.array([int(code) for code in codes], np.int64)), _Lookup(items)
    final, out, decided = _finals(books, label_of, place_of)
    votes = _votes(answers, place_of(answers.item), label_of(answers.code), (final, out))
    finals = np.bincount(final[(final >= 0) & ~out], minlength=len(codes))
    kept = votes.final >= 0
    mixed = np.bincount(votes.final[kept] * len(codes) + votes.label[kept], minlength=len(codes) ** 2)
    timed = votes.seconds[(votes.seconds > 0) & (votes.seconds <= IDLE)]
    mixed = mixed.reshape(len(codes), len(codes))
    done = len(items) - books.open
    standing = np.isin(answers.status, [COUNTED, SKIPPED])
    unjudged = out | (decided == OPEN)
    agreed = _agreed(votes, unjudged) if books.one_class else _agreed_on_marks(books, items[unjudged])
    people = _people(answers, votes, agreed, mixed)
    return ProjectCounts(
        items=len(items),
        done=done,
        labeled=int(finals.sum() + np.count_nonzero((decided == OPEN) & ~out)),
        finals=tuple(finals.tolist()) if books.one_class else (),
        mixed=tuple(map(tuple, mixed.tolist())) if books.one_class else (),
        ties=_ties(books),
        sent_back=sum(one.decision == "send_back" for one in books.decided),
        skipped=len(np.unique(answers.item[answers.status == SKIPPED])),
        commented=len(np.unique(answers.item[answers.commented & standing])),
        answers=len(votes.user),
        seconds=float(answers.seconds[answers.seconds <= IDLE].sum()),
        median=float(np.median(timed)) if len(timed) else None,
        days=_days(books, votes, done, place_of),
        people=people,
        one_class=books.one_class,
        **_items(votes, unjudged),
        decided=int(np.count_nonzero((decided >= 0) & ~out)),
    )


def final_classes(books: Snapshot, codes: Sequence[str]) -> Ints:
    """Return the position of each item's final class in `codes`, by place in the books; -1 where it has none."""
    import numpy as np

    label_of = _Lookup(np.array([int(code) for code in codes], np.int64))
    final, out, _ = _finals(books, label_of, _Lookup(books.given.item))
    return np.where(out, -1, final)


def _items(votes: Votes, closed: Truths) -> dict[str, int]:
    """Return how many items have answers, and what these are like. closed: by place, those that will get no label."""
    import numpy as np

    places, first, number = np.unique(votes.place, return_index=True, return_counts=True)
    final = votes.final[first] >= 0
    low, high = np.full(len(places), np.iinfo(np.int64).max), np.full(len(places), -1)
    row = np.searchsorted(places, votes.place)
    np.minimum.at(low, row, votes.label)
    np.maximum.at(high, row, votes.label)
    differ = low != high
    return {
        "answered": len(places),
        "twice": int(np.count_nonzero(number > 1)),
        "mixed_items": int(np.count_nonzero(final)),
        "differing": int(np.count_nonzero(differ)),
        "undecided": int(np.count_nonzero(differ & ~final & ~closed[places])),
    }


class _Lookup:
    """Positions of keys in a list, -1 for those that are not in it."""

    def __init__(self, keys: Ints) -> None:
        import numpy as np

        self._order = np.argsort(keys, kind="stable")
        self._sorted = keys[self._order]

    def __call__(self, wanted: Ints) -> Ints:
        import numpy as np

        if not len(self._sorted):
            return np.full(len(wanted), -1, np.int64)
        places = np.minimum(np.searchsorted(self._sorted, wanted), len(self._sorted) - 1)
        return np.where(self._sorted[places] == wanted, self._order[places], -1)


def _finals(books: Snapshot, label_of: _Lookup, place_of: _Lookup) -> tuple[Ints, Truths, Ints]:
    """Return each item's final class, whether it was taken out, and a lead's own label.

    -1 for no class; a lead's label is OPEN where a lead called the item ambiguous.
    """
    import numpy as np

    final = label_of(books.given.code)
    places = place_of(books.automatic[:, 0])
    alone = (places >= 0) & (final[places] < 0)
    final[places[alone]] = label_of(books.automatic[:, 1])[alone]
    places = place_of(books.settled[:, 0])
    final[places[places >= 0]] = label_of(books.settled[:, 1])[places >= 0]
    places = place_of(np.array([one.item for one in books.decided], np.int64))
    known = places >= 0
    labels = label_of(np.array([one.code for one in books.decided], np.int64))
    excluded = np.array([one.decision == "exclude" for one in books.decided], np.bool_)
    decided = np.full(len(final), -1, np.int64)
    decided[places[known]] = labels[known]
    out = np.zeros(len(final), np.bool_)
    out[places[known & excluded]] = True
    ambiguous = np.array([one.decision == AMBIGUOUS for one in books.decided], np.bool_)
    final[places[known & ambiguous]] = -1  # whatever the votes say, a lead left it with several classes
    decided[places[known & ambiguous]] = OPEN
    return np.where(decided >= 0, decided, final), out, decided


def judged_votes(books: Snapshot, codes: Sequence[str]) -> tuple[Votes, Truths]:
    """Return the counted answers, and by place in the books the items by which nobody is judged (out or ambiguous)."""
    import numpy as np

    label_of, place_of = _Lookup(np.array([int(code) for code in codes], np.int64)), _Lookup(books.given.item)
    final, out, decided = _finals(books, label_of, place_of)
    answers = books.answers
    votes = _votes(answers, place_of(answers.item), label_of(answers.code), (final, out))
    return votes, out | (decided == OPEN)


def _votes(answers: AnswerColumns, place: Ints, label: Ints, standing: tuple[Ints, Truths]) -> Votes:
    """Keep what counts. place, label: of each answer, -1 for what is gone; standing: final class and out, by place."""
    import numpy as np

    kept = (answers.status == COUNTED) & (place >= 0) & (label >= 0)
    final, out = standing
    place = place[kept]
    final = np.where(out[place], -1, final[place])
    user, seconds, day, paged = answers.user[kept], answers.seconds[kept], answers.day[kept], answers.paged[kept]
    return Votes(answers.id[kept], place, user, label[kept], seconds, day, final, paged)


def _ties(books: Snapshot) -> int:
    tied = books.settled[books.settled[:, 1] == 0, 0].tolist()
    return len(set(tied) - {one.item for one in books.decided})


def _days(books: Snapshot, votes: Votes, done: int, place_of: _Lookup) -> tuple[tuple[int, int], ...]:
    """Return how many items were done in all at the end of each day on which some were.

    An item is done on the day of its last counted answer, or of the lead's decision when that came first.
    """
    import numpy as np

    day_of = np.zeros(len(books.given.item), np.int64)
    day_of[votes.place] = votes.day  # answers are in the order of time, so the last one stays
    partly = place_of(books.partly)
    day_of[partly[partly >= 0]] = 0
    final = [one for one in books.decided if one.final]
    places = place_of(np.array([one.item for one in final], np.int64))
    for place, one in zip(places.tolist(), final, strict=True):
        if place >= 0 and (not day_of[place] or one.day < day_of[place]):
            day_of[place] = one.day
    days, counts = np.unique(day_of[day_of > 0], return_counts=True)
    sums = counts.cumsum() + max(0, done - int(counts.sum()))
    return tuple(zip(days.tolist(), sums.tolist(), strict=True))


def _agreed(votes: Votes, unjudged: Truths) -> dict[int, Compared]:
    """Return how far each person agrees with the others. unjudged: by place, items that were taken out or are open."""
    import numpy as np

    asked = ~unjudged[votes.place]
    user = votes.user[asked]
    compared, same = with_the_others(votes.place[asked], votes.label[asked])
    people, who = np.unique(user, return_inverse=True)
    counted = np.bincount(who[compared], minlength=len(people)).tolist()
    agreed = np.bincount(who[same], minlength=len(people)).tolist()
    return {one: Compared(*row) for one, *row in zip(people.tolist(), counted, agreed, strict=True)}


def _agreed_on_marks(books: Snapshot, unjudged: Ints) -> dict[int, Compared]:
    """Return the same where answers are no single class. unjudged: ids of items that were taken out or are open."""
    left_out = set(unjudged.tolist())
    found: dict[int, Compared] = {}
    for item, one in books.marks.items():
        for user, own in one.people.items() if item not in left_out else ():
            before = found.get(user, NOBODY)
            found[user] = Compared(before.compared + own.compared, before.same + own.same)
    return found


def _people(answers: AnswerColumns, votes: Votes, agreed: Mapping[int, Compared], mixed: Ints) -> tuple[Person, ...]:
    import numpy as np

    users = np.unique(answers.user)
    who = np.searchsorted(users, votes.user)
    timed = (votes.seconds > 0) & (votes.seconds <= IDLE)

    def count(which: Truths) -> list[int]:
        return [int(number) for number in np.bincount(who[which], minlength=len(users))]

    numbers, times = count(votes.label >= 0), count(timed)
    seconds = np.bincount(who[timed], weights=votes.seconds[timed], minlength=len(users)).tolist()
    skips = np.bincount(np.searchsorted(users, answers.user[answers.status == SKIPPED]), minlength=len(users)).tolist()
    recent = _recent(who, votes, len(users))
    mistakes = _mistakes(who, votes, len(mixed))
    people = [
        Person(
            user=user,
            answers=numbers[n],
            seconds=seconds[n],
            timed=times[n],
            agreed=agreed.get(user, NOBODY).same,
            compared=agreed.get(user, NOBODY).compared,
            skips=skips[n],
            fast=recent[n][0],
            recent=recent[n][1],
            mistaken=mistakes.get(n, ()),
        )
        for n, user in enumerate(users.tolist())
    ]
    return tuple(sorted(people, key=lambda one: (-one.answers, one.user)))


def _recent(who: Ints, votes: Votes, users: int) -> list[tuple[int, int]]:
    """Return (fast, counted) among the newest timed answers of each person that were given one by one."""
    found = []
    for one in range(users):
        seconds = votes.seconds[(who == one) & ~votes.paged][-RECENT:]
        timed = seconds[seconds > 0]
        found.append((int((timed < FAST).sum()), len(timed)))
    return found


def _mistakes(who: Ints, votes: Votes, classes: int) -> dict[int, tuple[Mistaken, ...]]:
    kept = votes.final >= 0
    faced = Counter(dict(zip(*_cells(who[kept] * classes + votes.final[kept]), strict=True)))
    wrong = kept & (votes.final != votes.label)
    key = (who[wrong] * classes + votes.final[wrong]) * classes + votes.label[wrong]
    found: dict[int, list[Mistaken]] = {}
    for cell, count in zip(*_cells(key), strict=True):
        row, vote = divmod(cell, classes)
        one, final = divmod(row, classes)
        found.setdefault(one, []).append(Mistaken(final, vote, count, faced[row]))
    return {one: tuple(sorted(rows, key=lambda row: -row.count)) for one, rows in found.items()}


def _cells(keys: Ints) -> tuple[list[int], list[int]]:
    import numpy as np

    cells, counts = np.unique(keys, return_counts=True)
    return cells.tolist(), counts.tolist()
