"""Everything an audit computes, as numbers and positions; `findings` makes words and tables of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from labeler.cli.audit_file.reading import Table
from labeler.messages import Message
from labeler.quality import slices, split_leak
from labeler.quality.columns import as_columns
from labeler.quality.dataset import Dataset, Examination

if TYPE_CHECKING:
    from labeler.quality.examine import Contents
    from labeler.quality.learning_curve import Curve, Without
    from labeler.quality.planted import Check
    from labeler.quality.slices import Slice
    from labeler.quality.split_leak import Leak

Report = Callable[[float, str], None]
NONE = "(none)"  # what a group is called whose column says nothing
FEWEST_DOUBTFUL = 5  # flagged labels, below which leaving them out of the training says nothing


@dataclass(frozen=True)
class Audit:
    """What was computed. N items in the order of `table.kept`.

    slices: all groups that were compared; curve, without, check: None where they were not or cannot be computed.
    """

    table: Table
    dataset: Dataset
    examination: Examination
    leak: Leak | None
    slices: list[Slice]
    groupings: list[str]
    curve: Curve | None
    without: Without | None
    check: Check | None

    def flagged(self) -> set[int]:
        """Return the items whose label looks wrong."""
        from labeler.quality.detectors.registry import WRONG_LABELS

        return {one.item for one in self.examination.findings if one.kind == WRONG_LABELS.kind}


def audit(table: Table, classes: Sequence[str], *, seed: int, quick: bool, report: Report) -> Audit:
    """Examine the labels; quick: without the learning curve and without the check on planted mistakes."""
    from labeler.quality import folds

    with folds.one_thread():  # vectors are short here, and waiting threads cost more than they bring
        return _audit(table, classes, seed=seed, quick=quick, report=report)


def _audit(table: Table, classes: Sequence[str], *, seed: int, quick: bool, report: Report) -> Audit:
    from labeler.quality import planted as planting
    from labeler.quality.examine import examine, look_at

    dataset = _dataset(table, tuple(classes))
    contents = look_at(dataset, progress=_part(report, 0.0, 0.6 if quick else 0.4), seed=seed)
    found = examine(dataset, progress=_part(report, 0.2, 1.0 if quick else 0.6), seed=seed, contents=contents)
    columns = {name: [value or NONE for value in values] for name, values in dataset.columns.items()}
    split = split_leak.split_column(dataset.columns)
    done = Audit(
        table,
        dataset,
        found,
        leak=split_leak.find(split, dataset.columns[split], contents.twins) if split else None,
        slices=_compare(found, columns),
        groupings=list(slices.groupings(columns)),
        curve=None,
        without=None,
        check=None,
    )
    if quick or found.summary["gate"] is None:
        return done
    curve, without = _learning(done, contents, seed, _part(report, 0.6, 0.8))
    check = None
    if found.probabilities is not None:
        progress = _part(report, 0.8, 1.0, Message("Looking for mistakes planted on purpose."))
        check = planting.check(dataset, contents, found.label_scores, progress=progress, seed=seed)
    return replace(done, curve=curve, without=without, check=check)


def _dataset(table: Table, classes: tuple[str, ...]) -> Dataset:
    import numpy as np

    place = {name: number for number, name in enumerate(classes)}
    labels = np.array([place[row.label] for row in table.kept], dtype=np.int64)
    nobody = np.zeros(0, dtype=np.int64)
    contents: list[Any] = [row.content for row in table.kept]
    return Dataset(
        media=table.media,
        contents=contents,
        classes=classes,
        labels=labels,
        given=labels,
        vote_items=nobody,
        vote_annotators=nobody,
        vote_classes=nobody,
        columns=as_columns([row.metadata for row in table.kept]),
        names=[row.file or row.name for row in table.kept] if table.label else (),
    )


def _compare(found: Examination, columns: dict[str, list[str]]) -> list[Slice]:
    """Compare the share of labels that look wrong by group; nothing where no model could judge."""
    import numpy as np

    from labeler.quality.detectors.registry import WRONG_LABELS

    if found.probabilities is None:
        return []
    hits = np.zeros(len(found.label_scores), dtype=bool)
    hits[[one.item for one in found.findings if one.kind == WRONG_LABELS.kind]] = True
    return slices.compare(columns, hits)


def _learning(done: Audit, contents: Contents, seed: int, report: Report) -> tuple[Curve | None, Without | None]:
    """Measure the learning curve, and what the flagged labels do to the others."""
    import numpy as np

    from labeler.quality import judgeable, learning_curve

    sentence = Message("Measuring what more labels would bring.")
    dataset, near = done.dataset, (contents.places, contents.cosines)
    judged = judgeable.judgeable(dataset.labels, contents.features, len(dataset.classes))
    course = learning_curve.Course(judged, contents.features, near, seed)
    points = learning_curve.measure(course, lambda share: report(share / 2, sentence))
    heard = done.examination.probabilities
    said = course.folds(judged.labels) if heard is None else heard.argmax(axis=1)
    if points is None or said is None:
        return None, None
    curve = learning_curve.curve(course, points, said)
    doubtful = np.zeros(len(dataset), dtype=bool)
    doubtful[sorted(done.flagged())] = True
    report(0.7, sentence)
    enough = doubtful.sum() >= FEWEST_DOUBTFUL
    return curve, learning_curve.without(course, points, doubtful) if enough else None


def _part(report: Report, begin: float, end: float, sentence: str = "") -> Report:
    """Return a report on a part of the work; its sentences, or one for all of it."""
    return lambda share, said: report(begin + (end - begin) * share, sentence or said)
