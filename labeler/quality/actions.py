"""Writing inspections. Rows go in by short batches, so that no annotator waits; they count once the run is `done`."""

import math
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from labeler.assignment.models import Assignment
from labeler.messages import Message
from labeler.projects.models import Item
from labeler.projects.queries import Classes
from labeler.quality import queries
from labeler.quality.models import Flag, Inspection, ItemScore, Prediction
from labeler.quality.suggestions import is_hidden
from labeler.storage.database import Database
from labeler.storage.many_rows import add_rows
from labeler.storage.slices import Slices, store_in_turns
from labeler.storage.upsert import OnConflict, upsert
from labeler.task_types.base import Value

if TYPE_CHECKING:
    from labeler.quality.dataset import Examination, Finding

BATCH = 1000
_NEWEST = OnConflict(keys=("item_id",), replaced=("code", "value", "score", "source", "created_at"))
_PLACES = ("class", "given", "suggested")  # of reasons, which name classes by their place
WRONG_CLASS = {"kind": "place", "problem": "wrong_class"}  # what a reason says of a mark that has another class
KEPT = 2  # inspections whose per-item numbers are kept; flags are kept of all


@dataclass(frozen=True)
class Positions:
    """What the positions of an examination stand for, and where it is stored.

    item_ids, user_ids: of its items and annotators, label_codes: of its items' labels, all by position.
    """

    project_id: int
    inspection_id: int
    item_ids: tuple[int, ...]
    user_ids: tuple[int, ...]
    label_codes: tuple[str, ...]
    classes: Classes


def start_inspection(session: Session, project_id: int, *, by: int | None, schedule: str = "", now: datetime) -> int:
    """Store that a run has begun, and what there is for it to read; returns its id.

    schedule: the rule that asked for it, "" where a person did.
    """
    newest = queries.newest_ids(session, project_id)
    run = Inspection(project_id=project_id, state="running", started_at=now, created_by=by, schedule=schedule)
    run.newest = newest
    session.add(run)
    session.flush()
    return run.id


def finish_inspection(
    session: Session, inspection_id: int, *, state: str, summary: dict[str, Any], now: datetime
) -> None:
    """Close a run as done or failed."""
    inspection = session.get_one(Inspection, inspection_id)
    inspection.state, inspection.summary, inspection.finished_at = state, summary, now
    session.flush()


def forget_old_scores(database: Database, project_id: int) -> None:
    """Forget per-item numbers that no page reads any more, in short transactions."""
    with database.read() as session:
        newest = session.scalars(
            select(Inspection.id)
            .where(Inspection.project_id == project_id, Inspection.state == "done")
            .order_by(Inspection.id.desc())
            .limit(KEPT)
        ).all()
        old = select(Inspection.id).where(Inspection.project_id == project_id, Inspection.id.not_in(newest))
        found = session.execute(
            select(ItemScore.inspection_id, ItemScore.item_id).where(ItemScore.inspection_id.in_(old))
        )
        keys = [(inspection, item) for inspection, item in found]
    store_in_turns(database, keys, _delete_scores)


def _delete_scores(session: Session, keys: Sequence[tuple[int, int]]) -> None:
    for inspection in {key[0] for key in keys}:
        items = [key[1] for key in keys if key[0] == inspection]
        session.execute(delete(ItemScore).where(ItemScore.inspection_id == inspection, ItemScore.item_id.in_(items)))


def fail_running(session: Session, project_id: int, now: datetime) -> bool:
    """Close runs of this project that a killed worker left behind; returns whether there were any."""
    closed = session.scalars(
        update(Inspection)
        .where(Inspection.project_id == project_id, Inspection.state == "running")
        .values(
            state="failed",
            finished_at=now,
            summary={"notes": [Message("The worker stopped before this run was finished.")]},
        )
        .returning(Inspection.id)
    )
    return bool(closed.all())


def store_examination(database: Database, where: Positions, found: "Examination") -> None:
    """Store all that a run found. It speaks of positions; what is stored speaks of item ids and class codes."""
    slices = Slices(database)
    for batch in _in_batches(_flag_rows(where, found)):
        slices.store(batch, lambda session, part: add_rows(session, Flag, part))
    for batch in _in_batches(_score_rows(where, found)):
        slices.store(batch, lambda session, part: add_rows(session, ItemScore, part))


def _flag_rows(where: Positions, found: "Examination") -> Iterator[dict[str, Any]]:
    for finding in found.findings:
        code, value = _suggested(where, finding)
        yield {
            "project_id": where.project_id,
            "inspection_id": where.inspection_id,
            "item_id": where.item_ids[finding.item],
            "kind": finding.kind,
            "score": finding.score,
            "label_code": where.label_codes[finding.item],
            "suggested_code": code,
            "suggested_value": value,
            "confidence": finding.confidence,
            "reasons": [_with_ids(reason, where) for reason in finding.reasons],
        }


def _suggested(where: Positions, finding: "Finding") -> tuple[str, Value | None]:
    """Return what a finding suggests as labels are kept: its code, and a value where the code does not say it all."""
    if finding.value is not None:
        return where.classes.keep_by_code(finding.value)
    return ("" if finding.suggested is None else where.classes.codes[finding.suggested]), None


def _score_rows(where: Positions, found: "Examination") -> Iterator[dict[str, Any]]:
    for n, item_id in enumerate(where.item_ids):
        yield {
            "inspection_id": where.inspection_id,
            "item_id": item_id,
            "label_code": where.label_codes[n],
            "label_score": _number(found.label_scores[n]),
            "cleanlab_score": _number(found.cleanlab_scores[n]),
            "probabilities": None if found.probabilities is None else found.probabilities[n].astype("<f4").tobytes(),
            "neighbours": [
                [where.item_ids[other], round(float(found.similarities[n][k]), 4)]
                for k, other in enumerate(found.neighbours[n])
                if other >= 0
            ],
            "cluster": None if found.clusters[n] < 0 else int(found.clusters[n]),
        }


def _with_ids(reason: dict[str, Any], where: Positions) -> dict[str, Any]:
    ids = {"item": where.item_ids, "annotator": where.user_ids}
    named = {name: ids[name][value] if name in ids else value for name, value in reason.items()}
    if "twins" in reason:
        named["twins"] = [where.item_ids[one] for one in reason["twins"]]
    return named


def _number(value: Any) -> float | None:
    number = float(value)
    return None if math.isnan(number) else number


def _in_batches(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    source = iter(rows)
    while batch := list(islice(source, BATCH)):
        yield batch


@dataclass(frozen=True)
class Predicted:
    """What a model says of an item. value: as it is kept; score: how sure it is, 0 to 1, None unsaid."""

    code: str
    value: Value | None
    score: float | None
    source: str = ""


def recode(
    session: Session,
    project_id: int,
    place: Callable[[int | None], int | None],
    shares: Callable[[Sequence[float]], list[float]],
) -> None:
    """Bring what the newest run found to a new order of classes.

    place: what a place in the order becomes; shares: what the probabilities of all classes become.
    """
    inspection = queries.latest_inspection(session, project_id)
    if inspection is None:
        return
    for flag in session.scalars(select(Flag).where(Flag.inspection_id == inspection.id)):
        moved_reasons = [
            {name: place(value) if name in _PLACES else value for name, value in reason.items()}
            for reason in flag.reasons
        ]
        flag.reasons = [reason for reason in moved_reasons if not _is_settled(reason)]
    scores = select(ItemScore).where(ItemScore.inspection_id == inspection.id, ItemScore.probabilities.is_not(None))
    for score in session.scalars(scores.execution_options(yield_per=BATCH)):
        moved = shares(queries.probabilities(score))
        score.probabilities = struct.pack(f"<{len(moved)}f", *moved)
    session.flush()


def _is_settled(reason: dict[str, Any]) -> bool:
    """Whether a place was wrong only because it was called by one of two classes that are one by now."""
    return (
        reason["kind"] == WRONG_CLASS["kind"]
        and reason.get("problem") == WRONG_CLASS["problem"]
        and (reason["class"] == reason["suggested"])
    )


def store_prediction(
    session: Session, item: Item, said: Predicted, *, now: datetime
) -> Literal["added", "changed", "unchanged"]:
    """Store an imported prediction; the newest one of an item stands. Returns what became of it."""
    known = session.get(Prediction, item.id)
    if known is not None and (known.code, known.score, known.source) == (said.code, said.score, said.source):
        return "unchanged"
    row = known or Prediction(item_id=item.id, project_id=item.project_id)
    row.code, row.value, row.score, row.source, row.created_at = said.code, said.value, said.score, said.source, now
    session.add(row)
    session.flush()
    return "added" if known is None else "changed"


def store_predictions(session: Session, said: Sequence[tuple[Item, Predicted]], *, now: datetime) -> None:
    """Store what rows of an import said of their items; of several about one item the last stands."""
    rows = {
        item.id: {
            "item_id": item.id,
            "project_id": item.project_id,
            "code": one.code,
            "value": one.value,
            "score": one.score,
            "source": one.source,
            "created_at": now,
        }
        for item, one in said
    }
    upsert(session, Prediction, list(rows.values()), _NEWEST)


def fix_suggestions(
    session: Session, project_id: int, held: Sequence[tuple[Assignment, Item]], *, now: datetime
) -> None:
    """Decide once and for all what each item that was handed out now suggests, and whether its person sees it.

    An item that was held already keeps what was decided then, also when the lead changes the rules: it may have been
    seen. Only first answers get a suggestion; whoever looks again, or is checked, should not be led.
    """
    fresh = [assignment for assignment, _ in held if assignment.claimed_at == now]
    rules = queries.suggestion_rules(session, project_id)
    asked = [one.item_id for one in fresh if one.purpose == "label"] if rules.on else []
    found = queries.suggestions_for(session, project_id, rules.source, asked)
    for one in fresh:
        said = found.get(one.item_id)
        if said is not None:
            shown = not is_hidden(project_id, one.item_id, one.user_id, rules.hidden_share)
            one.suggested_code, one.suggested_value, one.suggestion_shown = said.code, said.kept, shown
        elif one.suggestion_shown is not None:  # taken up again after its lease had ended
            _suggest_nothing(one)
    session.flush()


def leave_out_of_comparison(session: Session, held: Iterable[Assignment]) -> None:
    """Suggest nothing for items on a page, which proposes a class itself.

    An answer to one is neither led by the suggestion alone nor free of it, also when it is given later, one by one.
    """
    for one in held:
        _suggest_nothing(one)
    session.flush()


def _suggest_nothing(assignment: Assignment) -> None:
    assignment.suggested_code, assignment.suggested_value, assignment.suggestion_shown = "", None, None
