"""Projects: the list, a new one, guidelines, people and settings."""

from labeler.accounts.permissions import Action
from labeler.extensions.access import needs
from labeler.web.blueprint import blueprint


@blueprint.get("/")
@needs(Action.USE)
def projects() -> str:
    return "projects"


@blueprint.get("/projects/new")
@needs(Action.CREATE_PROJECT)
def new_project() -> str:
    return "new_project"


@blueprint.get("/p/<slug>/guidelines")
@needs(Action.SEE_PROJECT)
def guidelines(slug: str) -> str:
    return "guidelines"


@blueprint.get("/p/<slug>/people")
@needs(Action.LEAD)
def people(slug: str) -> str:
    return "people"


@blueprint.get("/p/<slug>/settings")
@needs(Action.LEAD)
def settings(slug: str) -> str:
    return "settings"
