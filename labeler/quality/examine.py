"""The examination: contents and labels in, findings with reasons out. No database, no web, no state.

Steps: features -> neighbours -> held-out predictions -> noise model and cleanlab's standard beside it -> detectors ->
pages of look-alikes.
Whatever cannot be done (no labels, one class, nothing readable) is said in a sentence in `summary["notes"]`, and
everything that can still be done is done: duplicates and outliers need no labels.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from labeler.quality.dataset import Dataset, Evidence, Examination, Features, Finding, Progress

if TYPE_CHECKING:
    from labeler.quality.dataset import Floats, Integers, Singles
    from labeler.quality.noise import Judgement
    from labeler.quality.predictions import Predictions
    from labeler.quality.standard import Standard


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

    def between(self, begin: float, end: float, sentence: str) -> Callable[[float], None]:
        """Return a function that takes the share done of one step, which lies between two shares of the work."""
        return lambda share: self.report(begin + (end - begin) * share, sentence)


@dataclass(frozen=True)
class Learned:
    """What the models said, when there were any."""

    predictions: Predictions
    judgement: Judgement
    standard: Standard


def examine(dataset: Dataset, *, progress: Progress, seed: int = 0) -> Examination:
    """Look for wrong labels, ambiguous items, outliers, duplicates and contradictions in one dataset.

    progress is called with a share 0..1 and a sentence; the same seed and data give the same result.
    """
    from labeler.quality import clusters, features, neighbours, notes

    course = Course(progress)
    with course.step(0.0, "features", "Reading the items."):
        extracted = features.extract(dataset.media, dataset.contents, seed)
    with course.step(0.3, "neighbours", "Comparing the items with each other."):
        places, cosines = neighbours.nearest(extracted.space)
        twins = neighbours.twins(extracted, places)
    learned = _learn(dataset, extracted, (places, cosines), course, seed)
    shown = slice(None, neighbours.SHOWN)
    with course.step(0.87, "votes", "Weighing several votes on an item."):
        evidence = _collect(dataset, extracted, learned, (places[:, shown], cosines[:, shown], twins))
    with course.step(0.9, "findings", "Writing down what was found."):
        findings = _detect(evidence)
        course.notes += notes.about(evidence)
    with course.step(0.95, "clusters", "Putting look-alikes together."):
        pages = clusters.look_alikes(extracted, evidence.probabilities, dataset.media)
    progress(1.0, "Done.")
    return Examination(
        findings=findings,
        label_scores=evidence.scores,
        cleanlab_scores=evidence.cleanlab_scores,
        consensus_quality=evidence.by_votes.quality,
        probabilities=None if evidence.probabilities is None else evidence.probabilities.astype("float32"),
        neighbours=evidence.neighbours,
        similarities=evidence.similarities,
        clusters=pages,
        summary=_summarise(evidence, learned, course) | {"findings": notes.count_kinds(findings)},
    )


def _collect(
    dataset: Dataset,
    extracted: Features,
    learned: Learned | None,
    similar: tuple[Integers, Singles, dict[int, dict[int, float]]],
) -> Evidence:
    """Lay out for the detectors what was computed; without a model, what a model would have said is None or NaN."""
    from labeler.quality import crowd, disagreement, notes

    nothing = _nothing(dataset)
    votes = crowd.gather(dataset)
    by_votes = crowd.judge(dataset, votes, learned.predictions.probabilities if learned else None)
    return Evidence(
        dataset=dataset,
        features=extracted,
        neighbours=similar[0],
        similarities=similar[1],
        twins=similar[2],
        crowd=votes,
        by_votes=by_votes,
        judgeable=notes.judgeable(dataset),
        probabilities=learned.predictions.probabilities if learned else None,
        posterior=learned.judgement.posterior if learned else None,
        scores=by_votes.scores(dataset.labels, learned.judgement.scores if learned else nothing),
        cleanlab_scores=learned.standard.scores if learned else nothing,
        cleanlab_issues=learned.standard.issues if learned else nothing > 0,
        differs=disagreement.disagreement(votes, by_votes),
    )


def _learn(
    dataset: Dataset, extracted: Features, near: tuple[Integers, Singles], course: Course, seed: int
) -> Learned | None:
    """Train, judge and compare; None, with a note saying why, when no model can be trained."""
    from labeler.quality import noise, notes, predictions, standard

    problem = notes.why_no_model(dataset, extracted)
    if problem:
        course.notes.append(problem)
        return None
    with course.step(0.35, "models", "Training models that never see the items they judge."):
        held = predictions.learn(dataset, extracted, near, course.between(0.35, 0.8, "Training models."), seed)
    if held is None:
        course.notes.append("All labeled items have the same content, so no model can be trained.")
        return None
    with course.step(0.8, "noise", "Estimating how labels are mixed up."):
        judgement = noise.judge(held.logs, held.powers, dataset.labels, seed)
    with course.step(0.85, "cleanlab", "Computing cleanlab's standard scores."):
        beside = standard.score_labels(held.probabilities, dataset.labels, dataset.classes)
    return Learned(held, judgement, beside)


def _nothing(dataset: Dataset) -> Floats:
    import numpy as np

    return np.full(len(dataset), np.nan)


def _detect(evidence: Evidence) -> list[Finding]:
    """Run every detector; the worst first."""
    from labeler.quality.detectors import DETECTORS

    found = [finding for detect in DETECTORS.values() for finding in detect(evidence)]
    return sorted(found, key=lambda finding: (-finding.score, finding.item, finding.kind))


def _summarise(evidence: Evidence, learned: Learned | None, course: Course) -> dict[str, Any]:
    """Return plain JSON-able facts about this examination."""
    from labeler.quality import notes

    dataset = evidence.dataset
    labels = dataset.labels
    return {
        "items": len(dataset),
        "labeled": int((labels >= 0).sum()),
        "classes": notes.class_counts(dataset),
        "blocks": [block.name for block in evidence.features.blocks],
        "model": _summarise_model(learned, labels, evidence.scores) if learned else None,
        "votes": _summarise_votes(evidence),
        "seconds": course.seconds,
        "versions": _versions(),
        "notes": course.notes,
    }


def _summarise_votes(evidence: Evidence) -> dict[str, Any]:
    """Return how many items several votes were weighed on, how many tie, and how much the model was heard there."""
    judged = evidence.by_votes
    return {
        "items": int(judged.several.sum()),
        "tied": int(judged.tied.sum()),
        "model_weight": round(judged.model_weight, 3),
    }


def _summarise_model(learned: Learned, labels: Integers, scores: Floats) -> dict[str, Any]:
    import numpy as np

    from labeler.quality import pooling, standard

    held_out = learned.predictions
    labeled = labels >= 0
    held, given = learned.predictions.probabilities[labeled], labels[labeled]
    return {
        "folds": held_out.folds,
        "accuracy": round(pooling.accuracy(held, given), 4),
        "calibration_error": round(pooling.calibration_error(held, given), 4),
        "log_loss": round(pooling.log_loss(held, given), 4),
        "expected_wrong": round(float(np.nansum(scores[labeled])), 1),
        "expected_wrong_is": "an estimate, usually too low; audit a random sample to know",
        "deals": held_out.deals,
        "strengths": held_out.strengths,
        "powers": dict(zip(held_out.names, np.round(held_out.powers, 3).tolist(), strict=True)),
        "imagined_labels": learned.judgement.noise.imagined,
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
