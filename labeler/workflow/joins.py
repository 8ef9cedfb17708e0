"""Which item a row of labels, answers or predictions is about, where the items are there already.

By id, then by file name or path, then by content: the text itself, or the bytes of a picture. Nothing is guessed: a row
that may mean several items, or whose id means another item than its content, is left out and says which ones.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

from labeler.errors import Invalid
from labeler.exchange.parsing.imagefolder import is_image
from labeler.exchange.parsing.pictures_there import Known, NamedPictures
from labeler.exchange.rows import SHOWN, RejectedRow, Row
from labeler.exchange.sources import PicturesThere, PictureThere
from labeler.projects import queries as project_queries
from labeler.projects.models import Project
from labeler.projects.queries import Named
from labeler.storage.database import Database
from labeler.storage.files import FileStore

BATCH = 500


def pictures_there(database: Database, files: FileStore, project_id: int) -> NamedPictures:
    """Return the pictures of a project's items by their names; they are read when somebody first asks for one."""

    def load() -> Iterable[Known]:
        with database.read() as session:
            found = list(project_queries.pictures_of(session, project_id))
        return [
            Known(item, own, name, partial(files.read_original, digest), number)
            for item, own, name, number, digest in found
        ]

    return NamedPictures(load)


def marked(rows: Iterable[Row | RejectedRow]) -> Iterator[Row | RejectedRow]:
    """Yield rows of new items; one about a picture that is an item already says of which."""
    for row in rows:
        there = row.image if isinstance(row, Row) else None
        yield row._replace(item=there.item) if isinstance(row, Row) and isinstance(there, PictureThere) else row


def joined(
    database: Database, project_id: int, there: PicturesThere, rows: Iterable[Row | RejectedRow]
) -> Iterator[Row | RejectedRow]:
    """Yield the rows with the item that each is about; one that is about none is left out, saying why."""
    with database.read() as session:
        project = session.get_one(Project, project_id)
        places, pictures = "start" in project_queries.task_of(project).part_fields, project.media == "image"
    source = iter(rows)
    while batch := list(islice(source, BATCH)):
        hashes = {row.number: _hash(row) for row in batch if isinstance(row, Row)}
        ids = [row.external_id for row in batch if isinstance(row, Row) and row.external_id]
        with database.read() as session:
            found = project_queries.items_meant(session, project_id, ids, sorted(set(hashes.values()) - {""}))
        meant = _Meant(*found, there if pictures else None, places)
        for row in batch:
            yield meant.joined(row, hashes[row.number]) if isinstance(row, Row) else row


def _hash(row: Row) -> str:
    """Return the hash of what a row holds of its item, "" for nothing, or for a picture that cannot be read."""
    if row.text:
        return project_queries.text_hash(row.text)
    if row.image is None or isinstance(row.image, PictureThere):
        return ""
    try:
        return hashlib.sha256(row.image()).hexdigest()
    except Invalid:
        return ""


@dataclass(frozen=True)
class _Meant:
    """The items that a batch of rows may be about: by id, by the hash of their content, and by names of pictures.

    places: whether labels are places in a text, which mean nothing in another one.
    """

    by_id: dict[str, Named]
    by_hash: dict[str, list[Named]]
    there: PicturesThere | None
    places: bool

    def joined(self, row: Row, digest: str) -> Row | RejectedRow:
        """Return a row with its item; digest: of its content, "" where it has none."""
        if isinstance(row.image, PictureThere):
            return row._replace(item=row.image.item)
        try:
            return row._replace(item=self._item(row, digest))
        except Invalid as error:
            shown = (row.external_id or row.name or row.text or "")[:SHOWN]
            return RejectedRow(row.number, error.field or "id", error.message, shown, row.file)

    def _item(self, row: Row, digest: str) -> int:
        alike = self.by_hash.get(digest, ())
        if row.image is not None:
            return self._by_picture(row, alike)
        named = self.by_id.get(row.external_id or "")
        picture = self._by_name(row)
        if named is not None:
            self._check_same(row, named, digest)
            return named.item
        if picture is not None:
            return picture.item
        free = [one for one in alike if row.external_id is None or one.external_id is None]
        if not free:
            raise Invalid("No item of this project has this id, file name or text; import the items first.", field="id")
        return free[0].item

    def _by_picture(self, row: Row, alike: Sequence[Named]) -> int:
        """Return the item with the very picture of a row; of several the one that is called so."""
        called = [one for one in alike if one.external_id in {row.external_id, row.name}]
        fitting = called if len(alike) > 1 and called else alike
        if not fitting:
            raise Invalid("No item of this project has this picture; import the pictures first.", field="image")
        if len(fitting) > 1:
            shown = " and ".join(one.external_id or str(one.item) for one in fitting[:2])
            raise Invalid("Several items have this picture: {shown}. Name one by its id.", field="image", shown=shown)
        return fitting[0].item

    def _by_name(self, row: Row) -> PictureThere | None:
        """Return the picture that a row names; raises Invalid where it may mean several, or its id says another."""
        named = self.by_id.get(row.external_id or "")
        if self.there is None or (named is not None and row.name is None):
            return None
        try:
            picture = self.there.find(row.name or row.external_id or "")
        except Invalid:
            if named is not None:
                return None
            raise
        if picture is None or row.name in {None, row.external_id}:
            return picture
        others = named.item != picture.item if named is not None else _has_own_id(picture) and bool(row.external_id)
        if others:
            raise Invalid(
                "The id {id!r} and the file name {name!r} are not those of one item.",
                field="id",
                id=row.external_id,
                name=row.name,
            )
        return picture

    def _check_same(self, row: Row, named: Named, digest: str) -> None:
        """Raise Invalid where the text beside an id is not that item's, and it matters."""
        if not row.text or digest == named.content_hash:
            return
        if self.by_hash.get(digest) or self.places:
            raise Invalid("The text is not that of the item {id!r}.", field="text", id=row.external_id)


def _has_own_id(picture: PictureThere) -> bool:
    return bool(picture.external_id) and not is_image(picture.external_id)
