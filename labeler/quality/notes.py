"""What an examination says in sentences: why something could not be done, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labeler.quality import pooling
from labeler.quality.dataset import Dataset, Evidence, Features, Finding

if TYPE_CHECKING:
    from labeler.quality.dataset import Truths

FEWEST_LABELS = 10
FEWEST_A_CLASS = 3  # labels below which a held-out model has seen the class at most once


def why_no_model(dataset: Dataset, extracted: Features) -> str:
    """Return the sentence that says why no model can be trained, or ""."""
    import numpy as np

    present = np.unique(dataset.labels[dataset.labels >= 0])
    labeled = int((dataset.labels >= 0).sum())
    if not len(dataset):
        return "There are no items yet. Import items, label some of them, then run the pass."
    if not labeled:
        return "No item has a label yet, so only duplicates and outliers were looked for."
    if len(present) == 1 and labeled > 1:
        return (
            f"All {labeled} labels are one class, so no model can be trained. "
            "Label items of at least two classes, then run the pass again."
        )
    if labeled < FEWEST_LABELS:
        return (
            f"Only {labeled} {'item has' if labeled == 1 else 'items have'} a label; "
            f"a model needs at least {FEWEST_LABELS}. "
            "Label more items, then run the pass again."
        )
    if not any(block.matrix.shape[1] for block in extracted.blocks):
        return "There is nothing to read in any item, so no model can be trained."
    return ""


def judgeable(dataset: Dataset) -> Truths:
    """Return K booleans: whether a class has enough labels for a held-out model to know it."""
    import numpy as np

    counts = np.array(list(class_counts(dataset).values()), dtype=np.int64)
    enough: Truths = counts >= FEWEST_A_CLASS
    return enough


def class_counts(dataset: Dataset) -> dict[str, int]:
    """Count the labels of each class, in project order."""
    import numpy as np

    counts = np.bincount(dataset.labels[dataset.labels >= 0], minlength=len(dataset.classes))
    return dict(zip(dataset.classes, counts.tolist(), strict=True))


def count_kinds(findings: list[Finding]) -> dict[str, int]:
    """Count the findings of each kind, also those that found nothing."""
    from labeler.quality.detectors import DETECTORS

    return {kind: sum(finding.kind == kind for finding in findings) for kind in DETECTORS}


def about(evidence: Evidence) -> list[str]:
    """Say which items could not be read and which classes could not be judged."""
    said = []
    blank = int(evidence.features.blank.sum())
    if blank:
        verb = "item is" if blank == 1 else "items are"
        said.append(f"{blank} {verb} empty or cannot be read; see the outliers.")
    if evidence.probabilities is not None and not pooling.is_useful(evidence.probabilities, evidence.dataset.labels):
        said.append(
            "The models predict labels they have not seen no better than the most common class does. "
            "Trust the flags of wrong labels little until more items are labeled."
        )
    counts = class_counts(evidence.dataset)
    few = [f"{name} ({counts[name]})" for name, known in zip(counts, evidence.judgeable, strict=True) if not known]
    if few and evidence.posterior is not None:
        reason = f"Classes with fewer than {FEWEST_A_CLASS} labels cannot be judged and are never suggested: "
        said.append(reason + ", ".join(few) + ".")
    return said
