"""The agreement page and its two files. The filter is the address, so every number links to its own items."""

import csv
import io

from flask import Response, render_template, request
from sqlalchemy.orm import Session

from labeler.accounts.permissions import Action
from labeler.agreement.meant import WAYS, Meant, meant_in
from labeler.exchange.parsing.spreadsheet import neutralise
from labeler.extensions import database
from labeler.extensions.access import needs, project
from labeler.extensions.project_counts import from_books
from labeler.projects.queries import classes_of, guidelines_of, imports_of
from labeler.statistics.agreement_numbers import Everything, read_everything
from labeler.statistics.agreement_rows import COLUMNS, rows
from labeler.web.agreement.page import names_of, read_page
from labeler.web.blueprint import blueprint
from labeler.web.shared.item_card import Palette
from labeler.web.shared.words import gettext as _


@blueprint.get("/p/<slug>/agreement")
@needs(Action.LEAD)
def agreement(slug: str) -> str:
    """Show how far annotators agree, on what, and with whom."""
    del slug
    with database().read() as session:
        every = _read(session, meant_in(request.args))
        view = read_page(session, project(), every)
        imports = imports_of(session, project().id)
        versions = [one.version for one in guidelines_of(session, project().id)]
    return render_template(
        "agreement/agreement.html",
        view=view,
        imports=imports,
        versions=versions,
        ways=_ways(),
        meant=every.report.meant,
        project_task=every.report.classes.task,
        palette=Palette.of(every.report.classes.names, every.report.classes.codes),
    )


@blueprint.get("/p/<slug>/agreement.csv")
@needs(Action.LEAD)
def agreement_numbers(slug: str) -> Response:
    """Send every number of the page as a table."""
    with database().read() as session:
        every = _read(session, meant_in(request.args))
        people = names_of(session, every)
        files = {one.id: one.name for one in imports_of(session, project().id)}
    buffer = io.StringIO(newline="")
    table = csv.writer(buffer)
    table.writerow(COLUMNS)
    for row in rows(every, people, files):
        cells = ("" if value is None else value for value in vars(row).values())
        table.writerow([neutralise(cell) if isinstance(cell, str) else cell for cell in cells])
    return _file(buffer.getvalue(), "text/csv; charset=utf-8", f"{slug}-agreement.csv")


@blueprint.get("/p/<slug>/agreement.svg")
@needs(Action.LEAD)
def agreement_charts(slug: str) -> Response:
    """Send the charts of the page as one picture."""
    with database().read() as session:
        view = read_page(session, project(), _read(session, meant_in(request.args)))
    return _file(
        render_template("agreement/picture.html", view=view, title=project().name),
        "image/svg+xml; charset=utf-8",
        f"{slug}-agreement.svg",
    )


def _read(session: Session, meant: Meant) -> Everything:
    here = project()
    classes = classes_of(session, here.id)
    return from_books(session, here, lambda books: read_everything(session, here, classes, books, meant))


def _ways() -> dict[str, str]:
    words = (_("One by one only"), _("Without suggestions"))
    return dict(zip(WAYS, words, strict=True))


def _file(content: str, kind: str, name: str) -> Response:
    response = Response(content, content_type=kind)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
