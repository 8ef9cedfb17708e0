"""The examination: contents and labels in, findings with reasons out. No database, no web, no state.

Steps: features -> neighbours -> held-out predictions -> are they clearly better than guessing? -> noise model and
cleanlab's standard beside it -> detectors -> pages of look-alikes. Models that are not accuse nobody and suggest
nothing: from there on it is as if there were none, and a sentence says so.
Whatever cannot be done (no labels, one class, nothing readable) is said in a sentence in `summary["notes"]`, and
everything that can still be done is done: duplicates and outliers need no labels.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from labeler.messages import Message
from labeler.quality.dataset import Dataset, Evidence, Examination, Features, Finding, Judged, Progress
from labeler.quality.folds import MOST_DEALS

if TYPE_CHECKING:
    from pathlib import Path

    from labeler.quality.cleanlab_scores import CleanlabScores
    from labeler.quality.dataset import Floats, Integers, Singles, WeighedVotes
    from labeler.quality.gate import Gate
    from labeler.quality.judgeable import Judgeable
    from labeler.quality.noise import NoiseEstimate
    from labeler.quality.outlook import Lesson
    from labeler.quality.predictions import Predictions


@dataclass
class Course:
    """How far the examination is, how long each step took and what it has to say; seed: of all chance in it."""

    report: Progress
    seed: int
    most_deals: int = MOST_DEALS
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
    """What the models said, when there were any; by the classes that can be judged, but for what is said of `wide`.

    wide: N x K held-out probabilities over all classes. noise: None while the gate is closed.
    """

    predictions: Predictions
    gate: Gate
    cleanlab: CleanlabScores
    wide: Floats
    noise: NoiseEstimate | None = None


@dataclass(frozen=True)
class Examined(Examination):
    """An examination with what its models learned from; None where there were none."""

    lesson: Lesson | None = None


@dataclass(frozen=True)
class Contents:
    """What is known of the contents of N items whatever their labels are, so that it serves several examinations.

    places, cosines: the most similar items of each (N x 32); twins: the nearly identical items of an item; notes: what
    is to be said of reading them.
    """

    features: Features
    places: Integers
    cosines: Singles
    twins: dict[int, dict[int, float]]
    notes: Sequence[str] = ()


def look_at(dataset: Dataset, *, progress: Progress, seed: int = 0) -> Contents:
    """Read the contents of a dataset and compare them with each other."""
    return _look_at(dataset, Course(progress, seed), None, "")


def _look_at(dataset: Dataset, course: Course, kept: Path | None, model: str) -> Contents:
    from labeler.quality import neighbours
    from labeler.quality.features import extraction, further
    from labeler.quality.features.known import Known

    known = Known(kept)
    with course.step(0.0, "features", Message("Reading the items.")):
        extracted = extraction.extract(dataset.media, dataset.contents, course.seed, known)
    with course.step(0.1, "model", Message("Reading the items.")):
        report = course.between(0.1, 0.3, Message("Asking the model {name} about the items.", name=model))
        spaces, notes = further.spaces(dataset, model, known, report)
        extracted = extracted.beside(spaces)
    with course.step(0.3, "neighbours", Message("Comparing the items with each other.")):
        places, cosines = neighbours.nearest(extracted.space)
        return Contents(extracted, places, cosines, neighbours.twins(extracted, places), notes)


def examine(
    dataset: Dataset,
    *,
    progress: Progress,
    seed: int = 0,
    contents: Contents | None = None,
    kept: Path | None = None,
    model: str = "",
    most_deals: int = MOST_DEALS,
) -> Examined:
    """Look for wrong labels, ambiguous items, outliers, duplicates and contradictions in one dataset.

    progress is called with a share 0..1 and a sentence; the same seed and data give the same result. contents: what
    `look_at` returned for this dataset, where that was asked before; kept: a folder for numbers of single contents, so
    that the next pass works out only those of new ones; model: a further one to ask about the contents, as an operator
    names it (`features.encoders`); most_deals: as for `predictions.learn`.
    """
    from labeler.quality import clusters, judgeable, neighbours, notes, outlook
    from labeler.quality.set_findings import registry as set_findings

    course = Course(progress, seed, most_deals)
    known = contents or _look_at(dataset, course, kept, model)
    course.notes += known.notes
    extracted, places, cosines, twins = known.features, known.places, known.cosines, known.twins
    judged = judgeable.judgeable(dataset.labels, extracted, len(dataset.classes))
    near = (places, cosines)
    learned = None if dataset.values is not None else _learn(dataset, extracted, judged, near, course)
    by_judge = _judge(dataset, extracted, near, course)
    shown = slice(None, neighbours.SHOWN)
    with course.step(0.87, "votes", Message("Weighing several votes on an item.")):
        evidence = _collect(dataset, extracted, judged, learned, (places[:, shown], cosines[:, shown], twins))
        evidence = evidence if by_judge is None else replace(evidence, judged=by_judge, scores=by_judge.scores)
    with course.step(0.9, "findings", Message("Writing down what was found.")):
        findings = _detect(evidence)
        course.notes += notes.about(evidence)
        about_the_set = [asdict(one) for one in set_findings.find(evidence, findings)]
    with course.step(0.95, "clusters", Message("Putting look-alikes together.")):
        pages = clusters.look_alikes(extracted, evidence.probabilities, dataset.media)
    progress(1.0, Message("Done."))
    return Examined(
        findings=findings,
        label_scores=evidence.scores,
        cleanlab_scores=_cleanlab_scores(dataset, learned, by_judge),
        consensus_quality=evidence.by_votes.quality,
        probabilities=None if evidence.probabilities is None else evidence.probabilities.astype("float32"),
        neighbours=evidence.neighbours,
        similarities=evidence.similarities,
        clusters=pages,
        summary=_summarise(evidence, judged, learned, course)
        | {"findings": notes.count_kinds(findings), "set_findings": about_the_set},
        lesson=outlook.Lesson(judged, extracted, learned.predictions) if learned else None,
    )


def _collect(
    dataset: Dataset,
    extracted: Features,
    judged: Judgeable,
    learned: Learned | None,
    similar: tuple[Integers, Singles, dict[int, dict[int, float]]],
) -> Evidence:
    """Lay out for the detectors what was computed; what a model would have said is None or NaN when it is not heard."""
    from labeler.quality import crowd, disagreement

    heard = learned if learned and learned.noise else None
    estimate = heard.noise if heard else None
    votes = crowd.gather(dataset)
    by_votes = crowd.weigh(dataset, votes, heard.wide if heard else None)
    return Evidence(
        dataset=dataset,
        features=extracted,
        neighbours=similar[0],
        similarities=similar[1],
        twins=similar[2],
        crowd=votes,
        by_votes=by_votes,
        judgeable=judged.known,
        probabilities=heard.wide if heard else None,
        posterior=judged.widen(estimate.belief) if estimate else None,
        scores=_scores(dataset, by_votes, estimate) if estimate else _nothing(dataset),
        differs=disagreement.disagreement(votes, by_votes),
    )


def _scores(dataset: Dataset, by_votes: WeighedVotes, estimate: NoiseEstimate) -> Floats:
    """Return N probabilities wrong; of steps of a scale in classes, in which the distance makes the order."""
    from labeler.quality.detectors.label_error import ordinal

    scores = by_votes.scores(dataset.labels, estimate.scores)
    return ordinal.in_classes(scores) if dataset.ordered else scores


def _judge(dataset: Dataset, extracted: Features, near: tuple[Integers, Singles], course: Course) -> Judged | None:
    """Have labels that are no single class judged; None where one class is a label, with a note where none has one."""
    from labeler.quality import notes
    from labeler.quality.judges.base import Case
    from labeler.quality.judges.registry import JUDGES

    if dataset.values is None:
        return None
    problem = notes.why_nothing_to_judge(dataset)
    if problem:
        course.notes.append(problem)
        return Judged(_nothing(dataset), _nothing(dataset))
    with course.step(0.35, "models", Message("Judging labels by models that never see the items they judge.")):
        report = course.between(0.35, 0.87, Message("Judging labels."))
        found = JUDGES[dataset.values.task.judged_by](
            Case(dataset, dataset.values, extracted, near, course.seed, report)
        )
    course.notes += found.notes
    return found


def _cleanlab_scores(dataset: Dataset, learned: Learned | None, by_judge: Judged | None) -> Floats:
    if by_judge is not None:
        return by_judge.cleanlab
    return learned.cleanlab.scores if learned else _nothing(dataset)


def _learn(
    dataset: Dataset, extracted: Features, judged: Judgeable, near: tuple[Integers, Singles], course: Course
) -> Learned | None:
    """Train, judge and compare; None, with a note saying why, when no model can be trained."""
    from labeler.quality import cleanlab_scores, gate, noise, notes, predictions

    problem = notes.why_no_model(dataset, extracted, judged)
    if problem:
        course.notes.append(problem)
        return None
    with course.step(0.35, "models", Message("Training models that never see the items they judge.")):
        report = course.between(0.35, 0.8, Message("Training models."))
        held = predictions.learn(
            judged.labels,
            extracted,
            near,
            report,
            course.seed,
            most_deals=course.most_deals,
            outside=None if dataset.outside is None else judged.narrow(dataset.outside),
        )
    if held is None:
        course.notes.append(Message("All labeled items have the same content, so no model can be trained."))
        return None
    course.notes += notes.too_good_to_be_true(held, judged.labels)
    with course.step(0.8, "gate", Message("Comparing the models with guessing.")):
        clear = gate.compare(held.logs, held.probabilities, judged.labels, extracted.groups, course.seed)
    with course.step(0.82, "cleanlab", Message("Computing cleanlab's standard scores.")):
        names = tuple(dataset.classes[place] for place in judged.classes)
        beside = cleanlab_scores.score_labels(held.probabilities, judged.labels, names)
    learned = Learned(held, clear, beside, judged.widen(held.probabilities))
    if not clear.open:
        course.notes.append(notes.why_not_heard(clear, names))
        return learned
    with course.step(0.85, "noise", Message("Estimating how labels are mixed up.")):
        return replace(learned, noise=noise.estimate(held.logs, held.powers, judged.labels, course.seed))


def _nothing(dataset: Dataset) -> Floats:
    import numpy as np

    return np.full(len(dataset), np.nan)


def _detect(evidence: Evidence) -> list[Finding]:
    """Run every detector; the worst first."""
    from labeler.quality.detectors.registry import DETECTORS

    found = [finding for one in DETECTORS.values() for finding in one.find(evidence)]
    # stable: findings of one kind and score stay in the order of their detector
    return sorted(found, key=lambda finding: -finding.score)


def _summarise(evidence: Evidence, judged: Judgeable, learned: Learned | None, course: Course) -> dict[str, Any]:
    """Return plain JSON-able facts about this examination."""
    from labeler.quality import notes

    dataset = evidence.dataset
    heard = learned if learned and learned.gate.open else None
    return {
        "items": len(dataset),
        "labeled": notes.labeled(dataset),
        "classes": notes.class_counts(dataset),
        "blocks": [block.name for block in evidence.features.blocks],
        "gate": _summarise_gate(learned, dataset.classes, judged) if learned else None,
        "model": _summarise_model(heard, evidence, judged) if heard else None,
        "votes": _summarise_votes(evidence),
        "seconds": course.seconds,
        "versions": _versions(),
        "notes": course.notes,
        **(evidence.judged.facts if evidence.judged else {}),
    }


def _summarise_gate(learned: Learned, classes: tuple[str, ...], judged: Judgeable) -> dict[str, Any]:
    """Return how much better than guessing the models are, and by what they were opened or not."""
    gate = learned.gate
    return {
        "open": gate.open,
        "standard_errors": round(gate.t, 2),
        "gain": round(gate.gain, 4),
        "right": gate.right,
        "guessed": gate.guessed,
        "labeled": gate.labeled,
        "most_common": classes[judged.classes[gate.common]],
    }


def _summarise_votes(evidence: Evidence) -> dict[str, Any]:
    """Return how many items several votes were weighed on, how many tie, and how much the model was heard there."""
    weighed = evidence.by_votes
    return {
        "items": int(weighed.several.sum()),
        "tied": int(weighed.tied.sum()),
        "model_weight": round(weighed.model_weight, 3),
    }


def _summarise_model(learned: Learned, evidence: Evidence, judged: Judgeable) -> dict[str, Any]:
    import numpy as np

    from labeler.quality import cleanlab_scores, pooling

    held_out, labeled = learned.predictions, judged.labels >= 0
    held, given = held_out.probabilities[labeled], judged.labels[labeled]
    return {
        "folds": held_out.folds,
        "accuracy": round(pooling.accuracy(held, given), 4),
        "calibration_error": round(pooling.calibration_error(held, given), 4),
        "log_loss": round(pooling.log_loss(held, given), 4),
        "reliability": pooling.reliability(held, given),
        "expected_wrong": round(float(np.nansum(evidence.scores)), 1),
        "expected_wrong_is": "an estimate, usually too low; audit a random sample to know",
        "deals": held_out.deals,
        "strengths": held_out.strengths,
        "powers": dict(zip(held_out.names, np.round(held_out.powers, 3).tolist(), strict=True)),
        "noise": _summarise_noise(learned.noise, evidence.dataset.classes, judged) if learned.noise else None,
        "cleanlab": {
            "criterion": cleanlab_scores.CRITERION,
            "score": cleanlab_scores.SCORE,
            "issues": int(learned.cleanlab.issues.sum()),
        },
    }


def _summarise_noise(estimate: NoiseEstimate, classes: tuple[str, ...], judged: Judgeable) -> dict[str, Any]:
    """Return the estimated noise; matrix: chances of a label (column) given the class (row), in this order."""
    import numpy as np

    return {
        "classes": [classes[place] for place in judged.classes],
        "matrix": np.round(estimate.matrix, 4).tolist(),
        "wrong_by_accident": round(estimate.accidents, 4),
        "wrong": round(estimate.wrong, 4),
        "patterned": round(estimate.patterned, 4),
    }


def _versions() -> dict[str, str]:
    from importlib.metadata import version

    return {name: version(name) for name in ("scikit-learn", "cleanlab", "numpy", "pillow", "scikit-image")}
