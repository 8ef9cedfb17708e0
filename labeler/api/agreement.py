"""How far the annotators of a project agree."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field
from sqlalchemy.orm import Session

from labeler.accounts.permissions import Action
from labeler.accounts.queries import users_by_id
from labeler.agreement.meant import EVERY, Meant, version_in
from labeler.api.blueprint import blueprint
from labeler.api.shapes import Id, PrintableText, Query, Shape
from labeler.extensions import database
from labeler.extensions.access import needs, project
from labeler.extensions.project_counts import from_books
from labeler.projects.queries import classes_of, imports_of

if TYPE_CHECKING:
    from labeler.statistics.agreement_numbers import Everything


class AgreementQuery(Query):
    """Which answers count, and to which items.

    way: given one by one (single), or without a suggestion on the screen (unaided); version: of the guidelines that all
    answers to the item were given under, 0 for none, mixed for several; since, until: the day of its newest answer,
    UTC; about: column=value of its metadata.
    """

    way: Literal["single", "unaided"] | None = None
    version: Annotated[str, Field(pattern=r"^([0-9]{1,9}|mixed)$")] | None = None
    since: date | None = None
    until: date | None = None
    import_id: Id | None = None
    about: Annotated[PrintableText, Field(pattern=r"^[^=\x00]+=[^\x00]*$")] | None = None

    def meant(self) -> Meant:
        """Return the same as a plain value."""
        version = version_in(self.version or "")
        return Meant(self.way or "", version, self.since, self.until, self.import_id or 0, self.about or "")


class ShownOut(Shape):
    """The numbers that are said first, as pages print them: "82%" and "0.79"; "" for what there is not."""

    percent: str
    chance: str
    value: str
    low: str
    high: str


class ClassAgreementOut(Shape):
    """Agreement on one class. specific_agreement: 0..1; alpha: this class against all others."""

    class_name: Annotated[str, Field(alias="class")]
    answers: int
    specific_agreement: float | None
    interval: list[float] | None
    alpha: float | None


class DetailOut(Shape):
    """One measure by its name, with its linearised standard error. Of two annotators: cohen_kappa, scott_pi."""

    measure: str
    value: float
    standard_error: float | None


class AgreementOut(Shape):
    """How far annotators agree, by the measure that leads for the task type; what it does not have is null.

    One choice: Krippendorff's alpha with its 95 % interval, beside plain agreement and what chance would give. Several
    labels: alpha over sets (MASI), beside Jaccard similarity. Objects: F1 = found x class_agreement over objects.
    Free text: 1 - character error rate. value, value_interval: the leading number, whichever it is.
    reason: why the leading number or its interval is missing; within_one, alpha_interval_scale: ordered classes only.
    details: measures that people know by name, of answers that are one class.
    """

    measure: str
    value: float | None
    value_interval: list[float] | None
    scale: str
    alpha: float | None
    interval: list[float] | None
    percent: float | None
    percent_interval: list[float] | None
    chance: float | None
    verdict: str | None
    reason: str | None
    within_one: float | None
    alpha_interval_scale: float | None
    items: int | None
    pairable_items: int | None
    answers: int | None
    pairable_answers: int | None
    f1: float | None
    f1_interval: list[float] | None
    found: float | None
    class_agreement: float | None
    jaccard: float | None
    jaccard_interval: list[float] | None
    objects: int | None
    marks: int | None
    classes: list[ClassAgreementOut]
    details: list[DetailOut]
    shown: ShownOut


class NumberOut(Shape):
    """One number of the page. part: of it; name, other: whom or what it is of; shown: as the page prints it.

    items: that it is counted from; differ: of them those whose answers differ.
    """

    part: str
    name: str
    other: str
    measure: str
    shown: str
    value: float | None
    low: float | None
    high: float | None
    items: int | None
    differ: int | None


class NumbersOut(Shape):
    """All numbers of the page."""

    data: list[NumberOut]


@blueprint.get("/projects/<slug>/agreement")
@needs(Action.LEAD)
@blueprint.input(AgreementQuery, location="query", arg_name="query")
@blueprint.output(AgreementOut)
def read_agreement(slug: str, query: AgreementQuery) -> dict[str, Any]:
    """Measure agreement on all counted answers, or on those that are meant."""
    from labeler.agreement.measured import as_json, measure, measure_two  # numpy is loaded when somebody asks for it

    del slug
    with database().read() as session:
        classes = classes_of(session, project().id)
        if query.meant() == EVERY:
            found, two = measure(session, project(), classes), measure_two(session, project(), classes)
        else:
            report = _numbers(session, query.meant()).report
            found, two = report.measured, report.two
        return as_json(found, classes.names, two)


@blueprint.get("/projects/<slug>/agreement/numbers")
@needs(Action.LEAD)
@blueprint.input(AgreementQuery, location="query", arg_name="query")
@blueprint.output(NumbersOut)
def read_agreement_numbers(slug: str, query: AgreementQuery) -> dict[str, Any]:
    """Return every number of the agreement page: by week, version, class, part, pair of people and person."""
    from labeler.statistics.agreement_rows import rows

    del slug
    with database().read() as session:
        every = _numbers(session, query.meant())
        people = {one.id: one.email for one in users_by_id(session, [one.user for one in every.people])}
        files = {one.id: one.name for one in imports_of(session, project().id)}
        return {"data": [vars(row) for row in rows(every, people, files)]}


def _numbers(session: Session, meant: Meant) -> "Everything":
    from labeler.statistics.agreement_numbers import read_everything

    here = project()
    classes = classes_of(session, here.id)
    return from_books(session, here, lambda books: read_everything(session, here, classes, books, meant))
