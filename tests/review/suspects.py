"""A finished pass made by hand: flags with known scores, so that tests need no model."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from labeler.projects.queries import Classes, classes_of
from labeler.quality.models import Flag, Inspection, ItemScore
from labeler.storage.database import Database
from tests.conftest import NOW, Made


@dataclass(frozen=True)
class Suspect:
    """One flag. item: place in the project; label, suggested: class names, "" for none."""

    item: int
    kind: str = "label_error"
    score: float = 0.9
    label: str = ""
    suggested: str = ""
    confidence: float = 0.0
    reasons: tuple[dict[str, Any], ...] = ()


def add_pass(database: Database, made: Made, suspects: Sequence[Suspect]) -> int:
    """Store a finished pass with these flags; returns its id. Every item gets numbers and two similar items."""
    with database.write() as session:
        classes = classes_of(session, made.id)
        model = {"accuracy": 0.83, "calibration_error": 0.03, "folds": 5}
        summary = {"items": len(made.items), "labeled": len(made.items), "model": model, "notes": []}
        run = Inspection(project_id=made.id, state="done", summary=summary, started_at=NOW, finished_at=NOW)
        session.add(run)
        session.flush()
        for suspect in suspects:
            session.add(_flag(made, run.id, classes, suspect))
        judged = {one.item: one for one in suspects if one.kind == "label_error"}
        _add_scores(session, made, run.id, classes, judged)
        return run.id


def _flag(made: Made, run: int, classes: Classes, suspect: Suspect) -> Flag:
    return Flag(
        project_id=made.id,
        inspection_id=run,
        item_id=made.items[suspect.item],
        kind=suspect.kind,
        score=suspect.score,
        label_code=classes.by_name.get(suspect.label, ""),
        suggested_code=classes.by_name.get(suspect.suggested, ""),
        confidence=suspect.confidence,
        reasons=list(suspect.reasons),
    )


def _add_scores(session: Session, made: Made, run: int, classes: Classes, judged: dict[int, Suspect]) -> None:
    others_share = 0.2 / (len(classes.codes) - 1)
    shares = struct.pack(f"<{len(classes.codes)}f", *[0.8, *[others_share] * (len(classes.codes) - 1)])
    for place, item in enumerate(made.items):
        one = judged.get(place, Suspect(place, score=0.5))
        others = [[other, 0.9] for other in made.items if other != item][:2]
        session.add(
            ItemScore(
                inspection_id=run,
                item_id=item,
                label_code=classes.by_name.get(one.label, ""),
                label_score=one.score,
                cleanlab_score=0.5,
                probabilities=shares,
                neighbours=others,
            )
        )
