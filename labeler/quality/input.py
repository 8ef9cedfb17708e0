"""What the quality pass looks at: every item that is not excluded, with the label that stands for it now."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from labeler.accounts.queries import members
from labeler.annotations.queries import votes_of_project
from labeler.decisions.final import AUTOMATIC, Standing, excluded_items, standings
from labeler.projects.models import Item, Project
from labeler.projects.queries import Classes, content_of
from labeler.quality import imported
from labeler.quality.calibration.probability import SURE
from labeler.quality.calibration.queries import calibration
from labeler.quality.columns import as_columns
from labeler.quality.models import Prediction
from labeler.storage.files import FileStore
from labeler.task_types.base import Value

if TYPE_CHECKING:
    from labeler.quality.dataset import Dataset, Values


_ABOUT = (Item.external_id, Item.meta, Item.width, Item.height)


@dataclass(frozen=True)
class Inspected:
    """The calculation's data, and what its item and annotator positions stand for; label_codes: an item's final label.

    A label that is no single class is known by its code alone once the values are out of memory.
    """

    item_ids: tuple[int, ...]
    user_ids: tuple[int, ...]
    label_codes: tuple[str, ...]
    dataset: "Dataset"


def current_dataset(session: Session, files: FileStore, project_id: int, classes: Classes) -> Inspected:
    """Return contents, labels and votes of a project's items as they stand now."""
    import numpy as np

    from labeler.quality.dataset import Dataset, Learnt

    project = session.get_one(Project, project_id)
    out = excluded_items(session, project_id)
    standing = {one.item_id: one for one in standings(session, project_id)}
    columns = select(Item.id, Item.text, Item.content_hash, Item.given_code, *_ABOUT).where(
        Item.project_id == project_id
    )
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
        contents = [files.display_to_read(row[2]) for row in rows]
    known = calibration(session, project_id)
    item_ids, numbers = tuple(row[0] for row in rows), files.imported_of(project_id)
    # the model is not taught by its own labels, nor judges them
    final = tuple("" if (one := standing[row[0]]).source == AUTOMATIC else one.final for row in rows)
    dataset = Dataset(
        media="image" if project.media == "image" else "text",
        contents=contents,
        classes=classes.names,
        labels=np.array([index.get(code, -1) for code in final], dtype=np.int64),
        given=np.array([index.get(row[3], -1) for row in rows], dtype=np.int64),
        vote_items=table[:, 0],
        vote_annotators=table[:, 1],
        vote_classes=table[:, 2],
        unjudged=classes.task.words.unjudged,
        answered=sum(map(bool, final)),
        values=_values(session, project, classes, standing, users) if classes.task.judged_by else None,
        ordered=classes.task.ordered,
        vectors=imported.vectors_of(numbers, item_ids),
        outside=imported.probabilities_of(numbers, item_ids, classes.codes) if classes.task.one_class else None,
        columns=as_columns([row[5] for row in rows]),
        names=[row[4] or str(row[5].get("file_name") or "") for row in rows],
        sizes=[(row[6] or 0, row[7] or 0) for row in rows] if project.media == "image" else (),
        learnt=Learnt(known.reviews, known.score_from(SURE), known.lowest) if known.wrong else None,
    )
    return Inspected(item_ids, tuple(users), final, dataset)


def _values(
    session: Session, project: Project, classes: Classes, standing: Mapping[int, Standing], users: dict[int, int]
) -> "Values":
    """Read labels that are no single class, and all else that is known of their items as such values."""
    from labeler.quality.dataset import ImportedAnswer, Values

    items = select(Item).where(Item.project_id == project.id).order_by(Item.id).execution_options(yield_per=1000)
    predicted = select(Prediction).where(Prediction.project_id == project.id)
    said = {one.item_id: (classes.by_codes(one.code, one.value), one.score) for one in session.scalars(predicted)}
    answers: dict[int, dict[str, Value]] = {}
    for vote in votes_of_project(session, project.id, values=True):
        value = classes.by_codes(vote.code, vote.value)
        if value is not None:
            answers.setdefault(vote.item_id, {})[str(users.setdefault(vote.user_id, len(users)))] = value
    found = Values(classes.task, classes.config_by_code, [], [], [], [], [])
    for item in session.scalars(items):
        one = standing[item.id]
        if one.excluded:
            continue
        value, score = said.get(item.id, (None, None))
        given = classes.by_codes(item.given_code, item.given_value)
        found.labels.append(classes.by_codes(one.final, one.value))
        found.answers.append(answers.get(item.id, {}))
        found.predictions.append(ImportedAnswer(value, score) if value is not None else None)
        found.starts.append(classes.task.start(item.meta, given, project.settings or {}))
        found.contents.append(content_of(item))
    return found
