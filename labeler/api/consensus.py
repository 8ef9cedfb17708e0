"""The label inferred from the answers to each item."""

from typing import Any

from labeler.accounts.permissions import Action
from labeler.api.blueprint import blueprint
from labeler.api.paging import Listed, Page, cut, next_path
from labeler.api.shapes import Shape, moment
from labeler.consensus.queries import consensus_page
from labeler.decisions.final import soft_labels
from labeler.extensions import database
from labeler.extensions.access import needs, project
from labeler.projects.queries import classes_of


class ConsensusOut(Shape):
    """The consensus on one item. differ: not all alike; confidence: how probably the label is right, 0 to 1.

    Of a label with parts the confidence is the mean over the parts, the share of it that is right.
    label: the class, null where it is no single class; value: the consensus in any task; both null while the votes tie.
    soft_label: of an ambiguous item, by a lead's decision or since its votes tie, the share of each class by name.
    """

    item: int
    external_id: str | None
    label: str | None
    value: dict[str, Any] | None
    soft_label: dict[str, float] | None
    confidence: float
    votes: int
    differ: bool
    method: str
    computed_at: str


class ConsensusList(Listed):
    """The consensus of every answered item."""

    data: list[ConsensusOut]


@blueprint.get("/projects/<slug>/consensus")
@needs(Action.LEAD)
@blueprint.input(Page, location="query", arg_name="page")
@blueprint.output(ConsensusList)
def list_consensus(slug: str, page: Page) -> dict[str, Any]:
    """List the consensus of every answered item, by item."""
    del slug
    with database().read() as session:
        classes = classes_of(session, project().id)
        found = consensus_page(session, project().id, after=page.after, limit=page.one_more)
        rows, more = cut(page, found)
        soft = soft_labels(session, [row.item_id for row, _ in rows])
        data = [
            {
                "item": row.item_id,
                "external_id": external_id,
                "label": classes.name_of(row.code),
                "value": classes.shown(row.code, row.value),
                "soft_label": classes.shares(soft[row.item_id]) if row.item_id in soft else None,
                "confidence": row.confidence,
                "votes": row.votes,
                "differ": row.differ,
                "method": row.method,
                "computed_at": moment(row.computed_at),
            }
            for row, external_id in rows
        ]
    return {"data": data, "next": next_path(page, rows[-1][0].item_id if rows else 0, more=more)}
