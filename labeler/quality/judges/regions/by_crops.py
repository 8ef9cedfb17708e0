"""Classes of marks by what is inside their outlines: crops of the pictures as a set of single classes of its own.

Marks of one picture share a fold, since they share its light and its things. Note: only the class is judged; what
nobody marked has no crop.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from labeler.quality import gate, judgeable, neighbours, noise, predictions
from labeler.quality.features.image import Crop, extract_crops
from labeler.quality.judges.regions import marks
from labeler.quality.judges.regions.marks import Edit

if TYPE_CHECKING:
    from labeler.quality.dataset import Integers
    from labeler.quality.gate import Gate
    from labeler.quality.judges.base import Case
    from labeler.task_types.matching import Drawn

AROUND = 0.1  # of its size that is seen around a mark
FEWEST = 20  # marks
MOST = 20_000  # marks that are judged; each is 20 KB of numbers


def find(case: Case) -> tuple[dict[int, list[Edit]] | None, dict[str, float]]:
    """Return marks that look like another class, by item, None where models tell none apart; and the facts."""
    import numpy as np

    seen = _marks(case)
    if len(seen) < FEWEST or len({mark.label for _, mark in seen}) < 2:  # noqa: PLR2004 - nothing to mix up
        return {}, {}
    extracted = extract_crops([_crop(case, item, mark) for item, mark in seen], case.seed)
    owners = np.array([case.features.groups[item] for item, _ in seen], dtype=np.int64)
    extracted = type(extracted)(**{**vars(extracted), "groups": owners})
    labels = np.array([mark.label for _, mark in seen], dtype=np.int64)
    known = judgeable.judgeable(labels, extracted, len(case.dataset.classes))
    if len(known.classes) < 2:  # noqa: PLR2004 - as above
        return {}, {}
    near = neighbours.nearest(extracted.space)
    held = predictions.learn(known.labels, extracted, near, case.report, case.seed)
    if held is None:
        return {}, {}
    clear = gate.compare(held.logs, held.probabilities, known.labels, owners, case.seed)
    facts = {"crops": len(seen), "crops_right": round(clear.right / max(1, clear.labeled), 4)}
    return (_judge(case, seen, known.classes, known.labels, held) if _is_heard(clear) else None), facts


def _is_heard(clear: Gate) -> bool:
    return clear.open and clear.right > clear.guessed


def _marks(case: Case) -> list[tuple[int, Drawn]]:
    import numpy as np

    found = [
        (item, mark)
        for item, value in enumerate(case.values.labels)
        if value is not None and not case.features.blank[item] and case.values.contents[item].width
        for mark in marks.drawn(case, value)
    ]
    if len(found) <= MOST:
        return found
    chosen = np.random.default_rng(case.seed).permutation(len(found))[:MOST]
    return [found[place] for place in np.sort(chosen)]


def _crop(case: Case, item: int, mark: Drawn) -> Crop:
    size = case.values.contents[item]
    left, top, right, bottom = mark.bounds
    x, y, wide, high = AROUND * (right - left), AROUND * (bottom - top), size.width or 1, size.height or 1
    shares = ((left - x) / wide, (top - y) / high, (right + x) / wide, (bottom + y) / high)
    return Crop(Path(case.dataset.contents[item]), *(min(max(share, 0.0), 1.0) for share in shares))


def _judge(
    case: Case, seen: list[tuple[int, Drawn]], classes: Integers, labels: Integers, held: predictions.Predictions
) -> dict[int, list[Edit]]:
    import numpy as np

    wrong = noise.estimate(held.logs, held.powers, labels, case.seed)
    found: dict[int, list[Edit]] = {item: [] for item, _ in seen}
    for row, (item, mark) in enumerate(seen):
        label = int(labels[row])
        if label < 0:
            continue
        other = int(np.where(np.arange(len(classes)) == label, -1.0, wrong.belief[row]).argmax())
        if held.probabilities[row, other] <= held.probabilities[row, label]:
            continue
        right, now = int(classes[other]), marks.parts_of(case.values, case.values.labels[item])[mark.number]
        geometry = marks.geometry(marks.kind(case.values), now)
        place = marks.place("wrong_class", float(wrong.scores[row]), mark, right, geometry) | {"by_crop": True}
        changed = {**now, "label": case.values.config.classes[right]}
        share = float(wrong.belief[row, other] / max(1e-9, 1 - wrong.belief[row, label]))
        found[item].append(Edit(place, mark.number, changed, share))
    return found
