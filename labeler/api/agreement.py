"""How far the annotators of a project agree."""

from typing import Annotated, Any

from pydantic import Field

from labeler.accounts.permissions import Action
from labeler.agreement.queries import histogram
from labeler.api.blueprint import blueprint
from labeler.api.shapes import Shape
from labeler.extensions import database
from labeler.extensions.access import needs, project
from labeler.projects.queries import classes_of, task_of


class ClassAgreementOut(Shape):
    """Agreement on one class. specific_agreement: 0..1; alpha: this class against all others."""

    class_name: Annotated[str, Field(alias="class")]
    answers: int
    specific_agreement: float | None
    interval: list[float] | None
    alpha: float | None


class AgreementOut(Shape):
    """Krippendorff's alpha with its 95 % interval, beside plain agreement and what chance would give.

    reason: why alpha or its interval is missing, else null; within_one, alpha_interval_scale: ordered classes only.
    """

    measure: str
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
    items: int
    pairable_items: int
    answers: int
    pairable_answers: int
    classes: list[ClassAgreementOut]


@blueprint.get("/projects/<slug>/agreement")
@needs(Action.LEAD)
@blueprint.output(AgreementOut)
def read_agreement(slug: str) -> dict[str, Any]:
    """Measure agreement on all counted answers."""
    from labeler.agreement.summary import as_dict, summary  # numpy is loaded when somebody asks for it

    del slug
    with database().read() as session:
        classes = classes_of(session, project().id)
        counts = histogram(session, project().id, classes.index_of_code)
    ordered = task_of(project()).scale == "ordinal"
    return as_dict(summary(counts, len(classes.names), "ordinal" if ordered else "nominal"), classes.names)
