"""The examination: contents and labels in, findings with reasons out. No database, no web, no state.

Steps: features -> held-out predictions -> noise model and cleanlab's standard beside it -> neighbours -> detectors.
Whatever cannot be done (no labels, one class, nothing readable) is said in a sentence in `summary["notes"]`, and
everything that can still be done is done: duplicates and outliers need no labels.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from labeler.quality.dataset import Dataset, Evidence, Examination, Features, Finding, Progress

if TYPE_CHECKING:
    from labeler.quality.dataset import Floats, Integers, Singles, Truths
    from labeler.quality.noise import Judgement
    from labeler.quality.predictions import Predictions
    from labeler.quality.standard import Standard

FEWEST_LABELS = 10
FEWEST_A_CLASS = 3  # labels below which a held-out model has seen the class at most once


@dataclass
class Course:
    """How far the examination is, how long each step took and what it has to say."""

    report: Progress
    seconds: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @contextmanager
    def step(self, share: float, name: str, sentence: str) -> Iterator[None]:
        """Report that a step begins at this share of the work, and keep how long it took."""
        self.report(share, sentence)
        begin = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - begin, 3)


@dataclass(frozen=True)
class Learned:
    """What the models said, when there were any."""

    predictions: Predictions
    judgement: Judgement
    standard: Standard
    quality: Floats


def examine(dataset: Dataset, *, progress: Progress, seed: int = 0) -> Examination:
    """Look for wrong labels, ambiguous items, outliers, duplicates and contradictions in one dataset.

    progress is called with a share 0..1 and a sentence; the same seed and data give the same result.
    """
    from labeler.quality import features, neighbours

    course = Course(progress)
    with course.step(0.0, "features", "Reading the items."):
        extracted = features.extract(dataset.media, dataset.contents, seed)
    with course.step(0.3, "neighbours", "Comparing the items with each other."):
        places, cosines = neighbours.nearest(extracted.space)
        twins = neighbours.twins(extracted, places)
    learned = _learn(dataset, extracted, (places, cosines), course, seed)
    places, cosines = places[:, : neighbours.SHOWN], cosines[:, : neighbours.SHOWN]
    judgeable = _judgeable(dataset)
    evidence = Evidence(
        dataset,
        extracted,
        places,
        cosines,
        twins,
        learned.predictions.probabilities if learned else None,
        learned.judgement.posterior if learned else None,
        learned.judgement.scores if learned else _nothing(dataset),
        learned.standard.scores if learned else _nothing(dataset),
        learned.standard.issues if learned else _nothing(dataset) > 0,
        judgeable,
    )
    with course.step(0.9, "findings", "Writing down what was found."):
        findings = _detect(evidence)
        _note_contents(extracted, course)
        _note_classes(dataset, judgeable, learned, course)
    progress(1.0, "Done.")
    summary = _summarise(evidence, learned, course) | {"findings": _count_kinds(findings)}
    return Examination(
        findings,
        evidence.scores,
        evidence.cleanlab_scores,
        learned.quality if learned else _nothing(dataset),
        None if evidence.probabilities is None else evidence.probabilities.astype("float32"),
        places,
        cosines,
        summary,
    )


def _learn(
    dataset: Dataset, extracted: Features, near: tuple[Integers, Singles], course: Course, seed: int
) -> Learned | None:
    """Train, judge and compare; None, with a note saying why, when no model can be trained."""
    from labeler.quality import noise, predictions, standard

    problem = _why_no_model(dataset, extracted)
    if problem:
        course.notes.append(problem)
        return None
    with course.step(0.35, "models", "Training models that never see the items they judge."):
        held = predictions.learn(dataset, extracted, near, seed)
    if held is None:
        course.notes.append("All labeled items have the same content, so no model can be trained.")
        return None
    with course.step(0.8, "noise", "Estimating how labels are mixed up."):
        judgement = noise.judge(held.logs, held.powers, dataset.labels, seed)
    with course.step(0.85, "cleanlab", "Computing cleanlab's standard scores."):
        beside = standard.score_labels(held.probabilities, dataset.labels, dataset.classes)
        quality = standard.consensus_quality(dataset, held.probabilities)
    return Learned(held, judgement, beside, quality)


def _why_no_model(dataset: Dataset, extracted: Features) -> str:
    """Return the sentence that says why no model can be trained, or ""."""
    import numpy as np

    present = np.unique(dataset.labels[dataset.labels >= 0])
    labeled = int((dataset.labels >= 0).sum())
    if not len(dataset):
        return "There are no items yet. Import items, label some of them, then run the pass."
    if not labeled:
        return "No item has a label yet, so only duplicates and outliers were looked for."
    if len(present) == 1:
        return (
            f"All {labeled} labels are one class, so no model can be trained. "
            "Label items of at least two classes, then run the pass again."
        )
    if labeled < FEWEST_LABELS:
        return (
            f"Only {labeled} items have a label; a model needs at least {FEWEST_LABELS}. "
            "Label more items, then run the pass again."
        )
    if not any(block.matrix.shape[1] for block in extracted.blocks):
        return "There is nothing to read in any item, so no model can be trained."
    return ""


def _judgeable(dataset: Dataset) -> Truths:
    import numpy as np

    counts = np.bincount(dataset.labels[dataset.labels >= 0], minlength=len(dataset.classes))
    enough: Truths = counts >= FEWEST_A_CLASS
    return enough


def _nothing(dataset: Dataset) -> Floats:
    import numpy as np

    return np.full(len(dataset), np.nan)


def _detect(evidence: Evidence) -> list[Finding]:
    """Run every detector; the worst first."""
    from labeler.quality.detectors import DETECTORS

    found = [finding for detect in DETECTORS.values() for finding in detect(evidence)]
    return sorted(found, key=lambda finding: (-finding.score, finding.item, finding.kind))


def _note_contents(extracted: Features, course: Course) -> None:
    blank = int(extracted.blank.sum())
    if blank:
        verb = "item is" if blank == 1 else "items are"
        course.notes.append(f"{blank} {verb} empty or cannot be read; see the outliers.")


def _note_classes(dataset: Dataset, judgeable: Truths, learned: Learned | None, course: Course) -> None:
    import numpy as np

    counts = np.bincount(dataset.labels[dataset.labels >= 0], minlength=len(dataset.classes))
    if learned is None:
        return
    few = [f"{name} ({counts[place]})" for place, name in enumerate(dataset.classes) if not judgeable[place]]
    if few:
        course.notes.append(
            f"Classes with fewer than {FEWEST_A_CLASS} labels cannot be judged and are never suggested: "
            + ", ".join(few)
            + "."
        )


def _count_kinds(findings: list[Finding]) -> dict[str, int]:
    from labeler.quality.detectors import DETECTORS

    return {kind: sum(finding.kind == kind for finding in findings) for kind in DETECTORS}


def _summarise(evidence: Evidence, learned: Learned | None, course: Course) -> dict[str, Any]:
    """Return plain JSON-able facts about this examination."""
    import numpy as np

    dataset = evidence.dataset
    labels = dataset.labels
    counts = np.bincount(labels[labels >= 0], minlength=len(dataset.classes))
    return {
        "items": len(dataset),
        "labeled": int((labels >= 0).sum()),
        "classes": {name: int(counts[place]) for place, name in enumerate(dataset.classes)},
        "blocks": [block.name for block in evidence.features.blocks],
        "model": _summarise_model(learned, labels) if learned else None,
        "seconds": course.seconds,
        "versions": _versions(),
        "notes": course.notes,
    }


def _summarise_model(learned: Learned, labels: Integers) -> dict[str, Any]:
    import numpy as np

    from labeler.quality import pooling, standard

    held_out = learned.predictions
    labeled = labels >= 0
    held, given = learned.predictions.probabilities[labeled], labels[labeled]
    scores = learned.judgement.scores[labeled]
    return {
        "folds": held_out.folds,
        "accuracy": round(pooling.accuracy(held, given), 4),
        "calibration_error": round(pooling.calibration_error(held, given), 4),
        "log_loss": round(pooling.log_loss(held, given), 4),
        "expected_wrong": round(float(np.nansum(scores)), 1),
        "expected_wrong_is": "an estimate by the noise model; audit a random sample to know",
        "deals": held_out.deals,
        "strengths": held_out.strengths,
        "powers": dict(zip(held_out.names, np.round(held_out.powers, 3).tolist(), strict=True)),
        "noise": np.round(learned.judgement.noise.matrix, 4).tolist(),
        "cleanlab": {
            "criterion": standard.CRITERION,
            "score": standard.SCORE,
            "issues": int(learned.standard.issues.sum()),
        },
    }


def _versions() -> dict[str, str]:
    from importlib.metadata import version

    return {name: version(name) for name in ("scikit-learn", "cleanlab", "numpy", "pillow", "scikit-image")}
