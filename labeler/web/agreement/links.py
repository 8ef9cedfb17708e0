"""The addresses of the agreement page: what it is filtered by, and the list of exactly the items behind a number."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from flask import url_for

from labeler.agreement.meant import DIFFER, TWO, Meant, meant_said
from labeler.projects.queries import Classes
from labeler.statistics.agreement_slices import Where, week_starts

_WEEK = timedelta(days=6)


@dataclass(frozen=True)
class Links:
    """Addresses in one project, for the answers that are meant."""

    slug: str
    meant: Meant
    classes: Classes

    def page(self, name: str = "agreement", meant: Meant | None = None) -> str:
        """Return the page (or one of its files) with a filter, its own unless another is given."""
        said: dict[str, Any] = dict(meant_said(self.meant if meant is None else meant))
        return url_for(f"web.{name}", slug=self.slug, **said)

    def workshop(self, first: str, second: str) -> str:
        """Return the workshop about two classes, "" where an answer is no single class."""
        if not self.classes.task.one_class:
            return ""
        return url_for("web.workshop", slug=self.slug, first=first, second=second)

    def items(self, meant: Meant | None = None, **wanted: Any) -> str:
        """Return the list of items that are meant and fit what else is wanted."""
        said: dict[str, Any] = {**meant_said(meant or self.meant), **wanted}
        return url_for("web.items", slug=self.slug, **said)

    def two(self, meant: Meant | None = None, **wanted: Any) -> str:
        """Return the list of those with two answers or more."""
        return self.items(meant, among=TWO, **wanted)

    def differ(self, meant: Meant | None = None, **wanted: Any) -> str:
        """Return the list of those whose answers differ, as what an answer is makes it."""
        how: dict[str, Any] = {"among": DIFFER} if self.classes.task.exact else {"among": TWO, "state": "differ"}
        return self.items(meant, **how, **wanted)

    def within(self, first: date, last: date) -> Meant:
        """Return what is meant, of items whose newest answer is of these days."""
        since, until = self.meant.since or first, self.meant.until or last
        return replace(self.meant, since=max(first, since), until=min(last, until))

    def where(self, where: Where) -> Meant:
        """Return what is meant, in one part only."""
        if where.by == "about":
            return replace(self.meant, about=f"{where.column}={where.value}")
        if where.by == "import":
            return replace(self.meant, import_id=where.number)
        if where.by == "version":
            return replace(self.meant, version=where.number)
        monday = week_starts(where.number)
        return self.within(monday, monday + _WEEK)
