"""How far the annotators of a project agree."""

from typing import Annotated, Any

from pydantic import Field

from labeler.accounts.permissions import Action
from labeler.api.blueprint import blueprint
from labeler.api.shapes import Shape
from labeler.extensions import database
from labeler.extensions.access import needs, project
from labeler.projects.queries import classes_of


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


@blueprint.get("/projects/<slug>/agreement")
@needs(Action.LEAD)
@blueprint.output(AgreementOut)
def read_agreement(slug: str) -> dict[str, Any]:
    """Measure agreement on all counted answers."""
    from labeler.agreement.measured import as_json, measure, measure_two  # numpy is loaded when somebody asks for it

    del slug
    with database().read() as session:
        classes = classes_of(session, project().id)
        found = measure(session, project(), classes)
        return as_json(found, classes.names, measure_two(session, project(), classes))
