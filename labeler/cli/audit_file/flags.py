"""What was found item by item: each flag with its words, in the order in which a person should look at them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from labeler.cli.audit_file.calculation import Audit
from labeler.cli.audit_file.excerpts import Excerpts
from labeler.cli.audit_file.masks import masked, masked_name
from labeler.cli.audit_file.reading import Kept
from labeler.cli.audit_file.words import Words
from labeler.quality.calibration.probability import LIKELY, STRONG
from labeler.quality.dataset import Finding
from labeler.quality.detectors.registry import WRONG_LABELS, rank

DIGITS = 6  # of every share that programs read
BANDS = (("strong", STRONG), ("likely", LIKELY), ("worth a sample", 0.0))
"""What is said of the score of a label before anybody has checked how often it is right; from which score on."""

Told = dict[str, Any]
_POSITIONS = ("class", "given", "suggested")


def band_of(score: float) -> str:
    """Return in words how much speaks against a label."""
    return next(band for band, least in BANDS if score >= least)


def in_order(audit: Audit) -> list[Finding]:
    """Return the findings by kind, in the order of the review queue, the worst of each kind first."""
    return sorted(audit.examination.findings, key=lambda one: (rank(one.kind), -one.score, one.item))


def teller(audit: Audit) -> Callable[[Finding], Told]:
    """Return a function that tells one finding as plain values."""
    table, classes = audit.table, audit.dataset.classes
    words = Words(classes, lambda item: _called(audit, item))
    texts = [str(row.content) for row in table.kept] if table.media == "text" else []
    excerpts = Excerpts(texts, audit.dataset.labels.tolist())

    def tell(finding: Finding) -> Told:
        row, suggested = table.kept[finding.item], finding.suggested
        wrong = finding.kind == WRONG_LABELS.kind
        other = next((one for one in finding.reasons if "item" in one), None)
        return {
            "item": row.number,
            "external_id": masked_name(row.name) or None,
            "kind": finding.kind,
            "score": round(finding.score, DIGITS),
            "band": band_of(finding.score) if wrong else None,
            "given_label": row.label,
            "suggested_label": None if suggested is None else classes[suggested],
            "suggested_probability": None if suggested is None else round(finding.confidence, DIGITS),
            "cleanlab_score": _rounded(audit.examination.cleanlab_scores[finding.item]),
            table.media: _content(row, excerpts, finding.item, suggested),
            "why": [masked(sentence) for sentence in words.said(finding)],
            "beside": None if other is None else _beside(audit, int(other["item"]), excerpts),
            "reasons": [_named(one, audit) for one in finding.reasons],
        } | _sides(other)

    return tell


def _called(audit: Audit, item: int) -> str:
    """Return how an item is called after the word "item"."""
    row = audit.table.kept[item]
    return masked_name(row.name) if row.name else f"in row {row.number}"


def _beside(audit: Audit, item: int, excerpts: Excerpts) -> Told:
    row = audit.table.kept[item]
    return {
        "item": row.number,
        "external_id": masked_name(row.name) or None,
        "given_label": row.label,
        audit.table.media: _content(row, excerpts, item, None),
    }


def _sides(reason: dict[str, Any] | None) -> Told:
    """Return on which sides of a split an item and the one beside it stand, where its flag is about that."""
    return {name: reason[name] for name in ("side", "other_side") if name in reason} if reason else {}


def _content(row: Kept, excerpts: Excerpts, item: int, suggested: int | None) -> str:
    """Return what stands for the content: of a text an excerpt, of a picture its name."""
    return excerpts.of(item, instead=suggested) if isinstance(row.content, str) else masked_name(row.file)


def _named(reason: dict[str, Any], audit: Audit) -> Told:
    """Return a reason with names of classes and numbers of rows in the place of positions."""
    named: Told = {}
    for key, value in reason.items():
        if key in _POSITIONS and isinstance(value, int):
            named[key] = audit.dataset.classes[value]
        elif key == "item":
            named[key] = audit.table.kept[int(value)].number
        else:
            named[key] = value
    return named


def _rounded(value: float) -> float | None:
    return None if math.isnan(value) else round(float(value), DIGITS)
