"""Lists of a server: read page by page while one goes through them, or all at once as a table of pandas."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from labeler.client.connection import Connection
from labeler.errors import Unavailable

if TYPE_CHECKING:
    from pandas import DataFrame

Row = TypeVar("Row")
AT_ONCE = 1000  # rows of a page: as many as the API gives


class Rows(Generic[Row]):
    """A list that is asked for when one goes through it, a page at a time; each time it begins anew."""

    def __init__(
        self, connection: Connection, path: str, shape: type[Row], query: Mapping[str, Any] | None = None
    ) -> None:
        self._connection, self._path, self._shape = connection, path, shape
        self._query = {"limit": AT_ONCE, **(query or {})}

    def __repr__(self) -> str:
        return f"<{self._shape.__name__} rows of {self._connection!r}{self._path}>"

    def __iter__(self) -> Iterator[Row]:
        page = self._connection.get(self._path, self._query)
        while True:
            yield from cast("list[Row]", page["data"])
            if page["next"] is None:
                return
            page = self._connection.follow(page["next"])

    def frame(self) -> "DataFrame":
        """Return all rows as a table of pandas, its columns always the same ones; raises Unavailable without pandas."""
        try:
            from pandas import DataFrame
        except ImportError as error:
            raise Unavailable("A table needs pandas (pip install pandas). Without it, go through the rows.") from error
        names = list(self._shape.__annotations__)
        return DataFrame(list(self), columns=names)
