"""Given labels of items that are there already: the newest stands, and an item gets no second one of one file."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from labeler.errors import Invalid
from labeler.exchange.actions import Counts, given_of
from labeler.exchange.rows import SHOWN, RejectedRow, Row
from labeler.projects import queries as project_queries
from labeler.projects.models import Item
from labeler.projects.queries import Classes


@dataclass
class GivenLabels:
    """Labels of one import.

    beside_items: whether they come with rows that become items; then the other columns are kept too, and an item that
    gets its first label is one that changed, as "added" counts items. met: the code of each item's label so far.
    """

    beside_items: bool = False
    met: dict[int, str] = field(default_factory=dict)

    def store(self, session: Session, project_id: int, classes: Classes, rows: Sequence[Row], counts: Counts) -> None:
        """Store the labels of rows that say of which item they are, and count what became of each."""
        items = project_queries.items_by_id(session, project_id, [row.item for row in rows if row.item is not None])
        for row in rows:
            try:
                item = items.get(row.item or 0)
                if item is None:
                    raise Invalid("This item is not there any more.", field="id")  # noqa: TRY301 - shown like others
                self._store(classes, item, row, counts)
            except Invalid as error:
                shown = (row.external_id or row.name or row.text or "")[:SHOWN]
                counts.rejected.append(RejectedRow(row.number, error.field or "label", error.message, shown, row.file))

    def _store(self, classes: Classes, item: Item, row: Row, counts: Counts) -> None:
        row, code, value = given_of(classes, row, project_queries.content_of(item))
        if not code and not row.left_out and not row.file:
            raise Invalid("there is no label", field="label")
        if code and self.met.setdefault(item.id, code) != code:
            raise Invalid("This item has two different labels in this file; the first was taken.", field="label")
        counts.note_parts(row)
        meta = {**item.meta, **row.metadata} if self.beside_items else item.meta
        labeled = bool(code) and item.given_code != code
        new = labeled and not item.given_code and not self.beside_items
        differs = labeled or meta != item.meta
        counts.added += new
        counts.changed += differs and not new
        counts.unchanged += not differs
        item.meta = meta
        if labeled:
            item.given_code, item.given_value = code, value
