"""A label check whose model is sure that items are cats."""

import struct

from sqlalchemy.orm import Session

from labeler.projects.queries import classes_of
from labeler.quality.models import Inspection, ItemScore
from tests.conftest import NOW, Made


def sure_of(session: Session, made: Made, cats: dict[int, float]) -> None:
    """Store a run that gives these items the class "cat" with these probabilities, and says nothing of the others."""
    classes = classes_of(session, made.id)
    run = Inspection(project_id=made.id, state="done", started_at=NOW, finished_at=NOW, summary={"model": {"folds": 5}})
    session.add(run)
    session.flush()
    for item in made.items:
        p = cats.get(item, 1 / len(classes.codes))
        rest = (1 - p) / (len(classes.codes) - 1)
        shares = [p if code == classes.by_name["cat"] else rest for code in classes.codes]
        data = struct.pack(f"<{len(shares)}f", *shares)
        session.add(ItemScore(inspection_id=run.id, item_id=item, label_code="", probabilities=data))
