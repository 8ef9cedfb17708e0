"""The consensus on every item of a project, from votes by id to what is stored: calculations over all at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.consensus.ground import MOST_PEOPLE, Ground
from labeler.consensus.known import Known
from labeler.consensus.parts import Answers, decide_together
from labeler.projects.queries import Classes
from labeler.task_types.base import Value

if TYPE_CHECKING:
    from labeler.consensus.base import Votes
    from labeler.consensus.inference import Beside, Outcome


@dataclass(frozen=True)
class Inferred:
    """The consensus on one item, as stored. code: "" while undecided; value: for objects, as they are kept."""

    item_id: int
    code: str
    confidence: float
    votes: int
    differ: bool
    method: str
    value: Value | None = None


@dataclass(frozen=True)
class ProjectVotes:
    """Counted answers with positions instead of ids. item_ids, user_ids: position → id."""

    votes: "Votes"
    item_ids: tuple[int, ...]
    user_ids: tuple[int, ...]


@dataclass(frozen=True)
class Found:
    """What was inferred, and what it rests on."""

    rows: Sequence[Inferred]
    ground: Ground


def of_classes(voted: ProjectVotes, classes: Classes, known: Known) -> Found:
    """Infer one class an item."""
    from labeler.consensus.inference import infer

    if not voted.item_ids:
        return Found([], Ground(""))
    beside = _beside(voted, classes, known)
    found = infer(voted.votes, beside)
    tally = voted.votes.tally()
    counts, differ = tally.sum(axis=1), (tally > 0).sum(axis=1) > 1
    rows = [
        Inferred(
            item_id,
            classes.codes[found.label[n]] if found.label[n] >= 0 else "",
            float(found.confidence[n]),
            int(counts[n]),
            bool(differ[n]),
            found.method,
        )
        for n, item_id in enumerate(voted.item_ids)
    ]
    return Found(rows, _ground(voted, found, known, len(beside.checked)))


def _beside(voted: ProjectVotes, classes: Classes, known: Known) -> "Beside":
    """Turn what is known by id into positions."""
    from labeler.consensus.inference import Beside
    from labeler.consensus.registry import ON_STEPS
    from labeler.consensus.temper import Checked

    place, index = {item: n for n, item in enumerate(voted.item_ids)}, classes.index_of_code
    checked = [
        Checked(place[one.item_id], index[one.code], one.wrong, one.weight)
        for one in known.checked
        if one.item_id in place and one.code in index
    ]
    ratios = known.model.ratios(voted.item_ids) if known.model else None
    return Beside(ratios, checked, ON_STEPS if classes.task.ordered else {})


def _ground(voted: ProjectVotes, found: "Outcome", known: Known, checked: int) -> Ground:
    compared = voted.votes.compared()
    people = int((compared > 0).sum())
    right: dict[str, float] = {}
    if found.right is not None:
        most = (-compared).argsort(kind="stable")[:MOST_PEOPLE]
        right = {str(voted.user_ids[n]): float(found.right[n]) for n in most.tolist() if compared[n]}
    return Ground(
        found.method,
        float(compared.sum() / people) if people else 0.0,
        right,
        found.content_weight,
        known.model.check if known.model and found.content_weight else 0,
        checked,
    )


def of_units(answered: Mapping[int, Answers], classes: Classes) -> Found:
    """Infer labels that have parts, where two people or more answered."""
    if not answered:
        return Found([], Ground("majority"))
    found = decide_together(classes.task, classes.config_by_code, list(answered.values()))
    rows = []
    for (item_id, answers), one in zip(answered.items(), found.decided, strict=True):
        code, value = ("", None) if one.value is None else classes.keep_by_code(one.value)
        votes = len(answers.by_person)
        rows.append(Inferred(item_id, code, one.confidence, votes, one.differ, found.method or "majority", value))
    right = dict(list(found.right.items())[:MOST_PEOPLE])
    return Found(rows, Ground(found.method or "majority", found.each, right))
