"""cleanlab's own score of boxes against imported predictions, beside ours; of polygons by their bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labeler.quality.judges import base
from labeler.quality.judges.regions import marks

if TYPE_CHECKING:
    from labeler.quality.dataset import Floats
    from labeler.quality.judges.base import Case

UNSAID = 0.9  # how sure a prediction is taken to be that says nothing of it


def scores(case: Case) -> Floats:
    """Return N of cleanlab's scores turned round, NaN where a label or a prediction has no mark."""
    import numpy as np

    found, usable = base.nothing(case), []
    labels: list[dict[str, Any]] = []
    predicted: list[Any] = []
    for item, said in enumerate(case.values.predictions):
        ours = marks.drawn(case, case.values.labels[item]) if said is not None else []
        theirs = marks.drawn(case, said.value) if said is not None else []
        if said is None or not ours or not theirs:
            continue
        usable.append(item)
        labels.append({"bboxes": np.array([one.bounds for one in ours]), "labels": np.array([m.label for m in ours])})
        sure = UNSAID if said.score is None else said.score
        rows: list[list[list[float]]] = [[] for _ in case.dataset.classes]
        for mark in theirs:
            rows[mark.label].append([*mark.bounds, sure])
        predicted.append(np.array([np.array(own).reshape(-1, 5) for own in rows] + [None], dtype=object)[:-1])
    if usable:
        from cleanlab.object_detection.rank import get_label_quality_scores

        found[usable] = 1 - get_label_quality_scores(labels, predicted, verbose=False)
    return found
