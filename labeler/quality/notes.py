"""What an examination says in sentences: why something could not be done, and what to do next."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from labeler.messages import Message
from labeler.quality.dataset import Dataset, Evidence, Features, Finding
from labeler.quality.judgeable import FEWEST
from labeler.quality.predictions import IMPORTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from labeler.quality.dataset import Integers
    from labeler.quality.gate import Gate
    from labeler.quality.judgeable import Judgeable
    from labeler.quality.predictions import Predictions

FEWEST_LABELS = 10
SUSPICIOUS = 0.97  # share of the labels that imported probabilities give


def why_no_model(dataset: Dataset, extracted: Features, judged: Judgeable) -> str:
    """Return the sentence that says why no model can be trained, or ""."""
    count = len(dataset)
    if not count:
        return Message("There are no items yet. Import items, label some of them, then check the labels.")
    if dataset.unjudged:
        return _not_searched(dataset.unjudged, count)
    if not labeled(dataset):
        return Message("No item has a label yet, so only duplicates and outliers were looked for.")
    return _too_few(dataset) or _nothing_to_learn_from(dataset, extracted) or _too_few_a_class(dataset, judged)


def why_nothing_to_judge(dataset: Dataset) -> str:
    """Return the sentence that says why labels that are no single class cannot be judged, or ""."""
    if not len(dataset):
        return Message("There are no items yet. Import items, label some of them, then check the labels.")
    many = labeled(dataset)
    if not many:
        return Message("No item has a label yet, so only duplicates and outliers were looked for.")
    return _only(many) if many < FEWEST_LABELS else ""


def _not_searched(parts: str, count: int) -> str:
    return Message(
        "Label errors are not searched in {parts} yet; look-alikes and outliers were looked for in {count:,} items.",
        parts=parts,
        count=count,
    )


def _too_few(dataset: Dataset) -> str:
    import numpy as np

    many = labeled(dataset)
    if len(np.unique(dataset.labels[dataset.labels >= 0])) == 1 and many > 1:
        return Message(
            "All {count} labels are one class, so no model can be trained. Label items of at least two classes, then "
            "run the pass again.",
            count=many,
        )
    if many < FEWEST_LABELS:
        return _only(many)
    return ""


def _only(many: int) -> str:
    if many == 1:
        return Message(
            "Only {count} item has a label; a model needs at least {enough}. Label more items, then run the pass "
            "again.",
            count=many,
            enough=FEWEST_LABELS,
        )
    return Message(
        "Only {count} items have a label; a model needs at least {enough}. Label more items, then check again.",
        count=many,
        enough=FEWEST_LABELS,
    )


def _too_few_a_class(dataset: Dataset, judged: Judgeable) -> str:
    if not len(judged.classes):
        return Message(
            "No class has {enough} labels on different items, so no model can be trained. Label more items of each.",
            enough=FEWEST,
        )
    if len(judged.classes) == 1:
        return Message(
            "Only {name} has {enough} labels on different items or more, so no model can be trained. Label more items "
            "of the other classes, then run the pass again.",
            name=dataset.classes[judged.classes[0]],
            enough=FEWEST,
        )
    return ""


def _nothing_to_learn_from(dataset: Dataset, extracted: Features) -> str:
    import numpy as np

    if not any(block.matrix.shape[1] for block in extracted.blocks):
        return Message("There is nothing to read in any item, so no model can be trained.")
    if len(np.unique(extracted.groups[dataset.labels >= 0])) == 1:
        return Message("All labeled items have the same content, so no model can be trained.")
    return ""


def why_not_heard(gate: Gate, classes: Sequence[str]) -> str:
    """Return the sentence that says why models were trained and yet accuse nobody; classes: those of the gate."""
    return Message(
        "The model that would judge the labels is not clearly better than guessing, so it accuses nobody and suggests "
        "nothing: on items it never saw it gives the label for {right:,} of {labeled:,}, and always saying {name} "
        "would do so for {guessed:,}. Label more items, then run the pass again.",
        right=gate.right,
        labeled=gate.labeled,
        name=classes[gate.common],
        guessed=gate.guessed,
    )


def too_good_to_be_true(held: Predictions, labels: Integers) -> list[str]:
    """Warn of imported probabilities that give nearly every label (N, -1 = none) while no model here comes near that.

    Either their model knows far more, or it learned from the labels it is to judge; only people can say which.
    """
    import numpy as np

    known = np.flatnonzero(labels >= 0)
    right = {
        name: float((logs[known].argmax(axis=1) == labels[known]).mean())
        for name, logs in zip(held.names, held.logs, strict=True)
    }
    theirs, ours = right.pop(IMPORTED, 0.0), max(right.values(), default=0.0)
    if theirs < SUSPICIOUS or 1 - theirs > (1 - ours) / 4:
        return []
    return [
        Message(
            "The imported probabilities give {theirs:.1%} of the labels, and models that saw no label they judge give "
            "{ours:.1%}. If their model learned from these labels, it calls wrong ones right and hides them: then "
            "remove its probabilities (labeler project forget PROJECT probabilities) and check the labels again.",
            theirs=theirs,
            ours=ours,
        )
    ]


def labeled(dataset: Dataset) -> int:
    """Count the items that have a label of any kind."""
    if dataset.values is not None:
        return sum(value is not None for value in dataset.values.labels)
    return dataset.answered if dataset.unjudged else int((dataset.labels >= 0).sum())


def class_counts(dataset: Dataset) -> dict[str, int]:
    """Count the labels of each class, in project order; of labels that are no single class, those that name it."""
    import numpy as np

    if dataset.values is not None:
        task, codes = dataset.values.task, dataset.values.config.classes
        named = Counter(code for value in dataset.values.labels if value for code in task.labels_in(value))
        return {name: named[code] for name, code in zip(dataset.classes, codes, strict=True)}
    counts = np.bincount(dataset.labels[dataset.labels >= 0], minlength=len(dataset.classes))
    return dict(zip(dataset.classes, counts.tolist(), strict=True))


def count_kinds(findings: list[Finding]) -> dict[str, int]:
    """Count the findings of each kind, also of those that found nothing."""
    from labeler.quality.detectors.registry import DETECTORS

    return dict.fromkeys(DETECTORS, 0) | Counter(finding.kind for finding in findings)


def about(evidence: Evidence) -> list[str]:
    """Say what the detectors have to say of the set, and which classes could not be judged."""
    from labeler.quality.detectors.registry import DETECTORS

    return [note for one in DETECTORS.values() for note in one.notes(evidence)] + _few(evidence)


def _few(evidence: Evidence) -> list[str]:
    """Name the classes that have too few labels while the others are judged."""
    counts = class_counts(evidence.dataset)
    few = [f"{name} ({counts[name]})" for name, known in zip(counts, evidence.judgeable, strict=True) if not known]
    if not few or evidence.posterior is None:
        return []
    return [
        Message(
            "Classes with fewer than {enough} labels cannot be judged and are never suggested: {classes}.",
            enough=FEWEST,
            classes=", ".join(few),
        )
    ]
