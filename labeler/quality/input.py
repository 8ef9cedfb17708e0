"""What the quality pass looks at: every item that is not excluded, with the label that stands for it now."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from labeler.accounts.queries import members
from labeler.annotations.queries import votes_of_project
from labeler.decisions.final import excluded_items, standings
from labeler.projects.models import Item, Project
from labeler.projects.queries import Classes
from labeler.quality.calibration.probability import SURE
from labeler.quality.calibration.queries import calibration
from labeler.storage.files import FileStore

if TYPE_CHECKING:
    from labeler.quality.dataset import Dataset


@dataclass(frozen=True)
class Inspected:
    """The calculation's data, and what its item and annotator positions stand for."""

    item_ids: tuple[int, ...]
    user_ids: tuple[int, ...]
    dataset: "Dataset"


def current_dataset(session: Session, files: FileStore, project_id: int, classes: Classes) -> Inspected:
    """Return contents, labels and votes of a project's items as they stand now."""
    import numpy as np

    from labeler.quality.dataset import Dataset, Learnt

    project = session.get_one(Project, project_id)
    out = excluded_items(session, project_id)
    final = {standing.item_id: standing.final for standing in standings(session, project_id)}
    columns = select(Item.id, Item.text, Item.content_hash, Item.given_code).where(Item.project_id == project_id)
    rows = [row for row in session.execute(columns.order_by(Item.id)) if row[0] not in out]
    position = {row[0]: n for n, row in enumerate(rows)}
    index = classes.index_of_code
    users = {member.user_id: n for n, member in enumerate(members(session, project_id))}
    votes = [
        (position[vote.item_id], users.setdefault(vote.user_id, len(users)), index[vote.code])
        for vote in votes_of_project(session, project_id)
        if vote.item_id in position and vote.code in index
    ]
    table = np.array(votes, dtype=np.int64).reshape(-1, 3)
    contents: list[Any] = [row[1] or "" for row in rows]
    if project.media == "image":
        contents = [files.display_path(row[2]) for row in rows]
    known = calibration(session, project_id)
    dataset = Dataset(
        media="image" if project.media == "image" else "text",
        contents=contents,
        classes=classes.names,
        labels=np.array([index.get(final[row[0]], -1) for row in rows], dtype=np.int64),
        given=np.array([index.get(row[3], -1) for row in rows], dtype=np.int64),
        vote_items=table[:, 0],
        vote_annotators=table[:, 1],
        vote_classes=table[:, 2],
        unjudged=classes.task.words.unjudged,
        answered=sum(bool(final[row[0]]) for row in rows),
        learnt=Learnt(known.reviews, known.score_from(SURE), known.lowest) if known.wrong else None,
    )
    return Inspected(tuple(row[0] for row in rows), tuple(users), dataset)
