"""Who belongs to a project, and as what."""

from typing import Any, Literal

from flask import Response

from labeler import workflow
from labeler.accounts import actions
from labeler.accounts.permissions import Action
from labeler.accounts.queries import user_by_email
from labeler.api.blueprint import blueprint
from labeler.api.shapes import Body, Shape
from labeler.extensions import database
from labeler.extensions.access import needs, project
from labeler.storage.database import clock


class Role(Body):
    """A person's role in a project."""

    role: Literal["lead", "annotator"]


class MemberOut(Shape):
    """One person of a project."""

    email: str
    name: str
    role: str


@blueprint.put("/projects/<slug>/members/<email>")
@needs(Action.LEAD)
@blueprint.input(Role, arg_name="body")
@blueprint.output(MemberOut)
def set_member(slug: str, email: str, body: Role) -> dict[str, Any]:
    """Give a person who has an account a role in the project, or change it."""
    del slug
    with database().write() as session:
        person = user_by_email(session, email)
        actions.set_member(session, project().id, person.id, role=body.role, now=clock(session))
        return {"email": person.email, "name": person.name, "role": body.role}


@blueprint.delete("/projects/<slug>/members/<email>")
@needs(Action.LEAD)
@blueprint.output({}, status_code=204)
def remove_member(slug: str, email: str) -> Response:
    """Take a person out of the project; what they answered stays."""
    del slug
    with database().write() as session:
        workflow.remove_member(session, project().id, user_by_email(session, email).id)
    return Response(status=204)
