"""What an audit tells, as plain values: from here the page, the JSON and the terminal take each number."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

from labeler.cli.audit_file.calculation import Audit
from labeler.cli.audit_file.classes import spelled_alike
from labeler.cli.audit_file.flags import BANDS, DIGITS, Told, band_of
from labeler.exchange.left_out import kind_of
from labeler.measures.intervals import wilson
from labeler.quality.detectors.registry import DETECTORS, LEAKS, WRONG_LABELS

if TYPE_CHECKING:
    from labeler.quality.dataset import Integers

WORST = 24
EXAMPLES = 6
WIDEST = 12  # classes that the table of label against model has room for
PAIRS = 10
SECONDS_A_LOOK = 15
SLICES = 10
_TOLD_APART = (WRONG_LABELS.kind, LEAKS.kind)


def tell(audit: Audit, flags: list[Told]) -> Told:
    """Return everything that is said of the set as a whole. flags: in order, as `flags.teller` tells them."""
    wrong = [flag for flag in flags if flag["kind"] == WRONG_LABELS.kind]
    summary = audit.examination.summary
    table = audit.table
    return {
        "file": table.name,
        "media": table.media,
        "columns": {"content": table.content, "label": table.label},
        "encoding": table.encoding or None,
        "rows": table.rows,
        "items": len(table.kept),
        "left_out": _left_out(audit),
        "classes": _classes(audit),
        "spelled_alike": spelled_alike(audit.dataset.classes),
        "judged": audit.examination.probabilities is not None,
        "notes": [str(note) for note in summary["notes"]],
        "model": _model(summary["gate"]),
        "flagged": _flagged(wrong, audit),
        "kinds": _kinds(flags),
        "worst": wrong[:WORST],
        "confusion": _confusion(audit),
        "leak": _leak(audit, [flag for flag in flags if flag["kind"] == LEAKS.kind]),
        "set_findings": summary["set_findings"],
        "slices": _slices(audit),
        "learning_curve": _curve(audit),
        "check": _check(audit),
        "cleanlab": _cleanlab(audit, len(wrong)),
        "blocks": summary["blocks"],
        "versions": summary["versions"],
    }


def _left_out(audit: Audit) -> Told:
    reasons = Counter(str(kind_of(row.reason)) for row in audit.table.rejected)
    return {"rows": len(audit.table.rejected), "reasons": dict(reasons.most_common())}


def _model(gate: dict[str, Any] | None) -> Told | None:
    """Return how often the model gives the label of an item it never saw; None where none could be trained."""
    if gate is None:
        return None
    labels = gate["labeled"]
    return {
        "open": gate["open"],
        "right": _share(gate["right"], labels),
        "guessing": _share(gate["guessed"], labels),
        "most_common": gate["most_common"],
        "labels": labels,
    }


def _flagged(wrong: list[Told], audit: Audit) -> Told:
    bands = Counter(band_of(flag["score"]) for flag in wrong)
    return {
        "labels": len(wrong),
        "share": _share(len(wrong), len(audit.table.kept)),
        "bands": {band: bands[band] for band, _ in BANDS},
        "minutes": math.ceil(len(wrong) * SECONDS_A_LOOK / 60),
    }


def _kinds(flags: list[Told]) -> list[Told]:
    """Return each other kind of flag with its words and first examples, in the order of the queue."""
    found: dict[str, list[Told]] = {kind: [] for kind in DETECTORS if kind not in _TOLD_APART}
    for flag in flags:
        if flag["kind"] in found:
            found[flag["kind"]].append(flag)
    return [
        {
            "kind": kind,
            "title": str(DETECTORS[kind].title),
            "waiting": str(DETECTORS[kind].waiting),
            "explanation": str(DETECTORS[kind].explanation),
            "about_labels": DETECTORS[kind].tone == "warn",
            "items": len(ones),
            "examples": ones[:EXAMPLES],
        }
        for kind, ones in found.items()
    ]


def _classes(audit: Audit) -> list[Told]:
    """Return for each class how many labels it has, how many look wrong, and how often the model gives them too."""
    import numpy as np

    labels, said = audit.dataset.labels, _said(audit)
    doubtful = np.zeros(len(labels), dtype=bool)
    doubtful[sorted(audit.flagged())] = True
    told = []
    for place, name in enumerate(audit.dataset.classes):
        own = labels == place
        count, flagged = int(own.sum()), int(doubtful[own].sum())
        judged = said is not None and not bool(np.isnan(audit.examination.label_scores[own]).all())
        ends = wilson(flagged, count)
        told.append(
            {
                "class": name,
                "labels": count,
                "share": _share(count, len(labels)),
                "judged": judged,
                "flagged": flagged if judged else None,
                "flagged_share": _share(flagged, count) if judged else None,
                "low": round(ends.low, DIGITS) if judged else None,
                "high": round(ends.high, DIGITS) if judged else None,
                "model_agrees": _share(int((said[own] == place).sum()), count) if judged and said is not None else None,
            }
        )
    return told


def _said(audit: Audit) -> Integers | None:
    """Return what the model says of each item; None where no model is heard."""
    chances = audit.examination.probabilities
    return None if chances is None else chances.argmax(axis=1)


def _confusion(audit: Audit) -> Told | None:
    """Return label against model: all counts of few classes, and the pairs with most differences."""
    import numpy as np

    said, labels, classes = _said(audit), audit.dataset.labels, audit.dataset.classes
    if said is None:
        return None
    counts = np.zeros((len(classes), len(classes)), dtype=np.int64)
    np.add.at(counts, (labels, said), 1)
    apart = counts - np.diag(counts.diagonal())
    order = np.argsort(-apart, axis=None, kind="stable")[:PAIRS]
    pairs = [(int(place) // len(classes), int(place) % len(classes)) for place in order]
    return {
        "differ": int(apart.sum()),
        "counts": counts.tolist() if len(classes) <= WIDEST else None,
        "pairs": [
            {
                "label": classes[label],
                "model": classes[other],
                "items": int(apart[label, other]),
                "share": _share(int(apart[label, other]), int(counts[label].sum())),
            }
            for label, other in pairs
            if apart[label, other]
        ],
    }


def _leak(audit: Audit, flags: list[Told]) -> Told | None:
    leak = audit.leak
    if leak is None:
        return None
    return {
        "column": leak.column,
        "training": leak.training,
        "compared": leak.compared,
        "items": len(flags),
        "examples": flags[:EXAMPLES],
    }


def _slices(audit: Audit) -> Told:
    return {
        "columns": audit.groupings,
        "compared": len(audit.slices),
        "stand_out": sum(one.stands_out for one in audit.slices),
        "shown": [
            {
                "column": one.column,
                "value": one.value,
                "items": one.items,
                "flagged": one.hits,
                "share": round(one.share, DIGITS),
                "others": round(one.others, DIGITS),
                "low": round(wilson(one.hits, one.items).low, DIGITS),
                "high": round(wilson(one.hits, one.items).high, DIGITS),
                "chance": round(one.chance, DIGITS),
                "stands_out": one.stands_out,
            }
            for one in audit.slices[:SLICES]
        ],
    }


def _curve(audit: Audit) -> Told | None:
    curve, without = audit.curve, audit.without
    if curve is None:
        return None
    return {
        "labels": list(curve.labels),
        "right": [round(one, DIGITS) for one in curve.right],
        "gain": _known(curve.gain),
        "low": _known(curve.low),
        "high": _known(curve.high),
        "others_before": None if without is None else round(without.before, DIGITS),
        "others_after": None if without is None else round(without.after, DIGITS),
    }


def _check(audit: Audit) -> Told | None:
    check = audit.check
    if check is None:
        return None
    ends = wilson(check.found, check.planted)
    return {
        "planted": check.planted,
        "found": check.found,
        "share": _share(check.found, check.planted),
        "low": round(ends.low, DIGITS),
        "high": round(ends.high, DIGITS),
        "restored": check.restored,
    }


def _cleanlab(audit: Audit, flagged: int) -> Told | None:
    """Return how many of the flagged labels are among as many that cleanlab's own score finds worst."""
    import numpy as np

    model = audit.examination.summary["model"]
    if not model or not flagged:
        return None
    scores = np.nan_to_num(audit.examination.cleanlab_scores, nan=-1.0)
    worst = set(np.argsort(-scores, kind="stable")[:flagged].tolist())
    return {"issues": model["cleanlab"]["issues"], "same": len(worst & audit.flagged()), "of": flagged}


def _share(part: int, of: int) -> float:
    return round(part / of, DIGITS) if of else 0.0


def _known(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)
