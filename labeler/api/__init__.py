"""The HTTP API /api/v1, the contract that tools outside the project rely on. Thin: read, call the workflow, answer.

One module a resource; each hangs its routes on the one blueprint. `register` is all an app needs to know.
"""

from apiflask import APIFlask

from labeler.api import (
    agreement,
    annotations,
    annotators,
    assignments,
    audits,
    automatic,
    consensus,
    cost,
    export,
    flags,
    imports,
    inspections,
    items,
    jobs,
    members,
    pages,
    projects,
    releases,
    reviews,
    serving,
    threads,
    webhooks,
)
from labeler.api.blueprint import blueprint
from labeler.api.document import CONFIG, describe
from labeler.api.problems import problem
from labeler.api.strict_json import StrictJson

__all__ = [
    "agreement",
    "annotations",
    "annotators",
    "assignments",
    "audits",
    "automatic",
    "blueprint",
    "consensus",
    "cost",
    "export",
    "flags",
    "imports",
    "inspections",
    "items",
    "jobs",
    "members",
    "pages",
    "problem",
    "projects",
    "register",
    "releases",
    "reviews",
    "serving",
    "threads",
    "webhooks",
]


def register(app: APIFlask) -> None:
    """Hang the API on an app: its routes, how it reads JSON, and the OpenAPI document."""
    app.config.update(CONFIG)
    app.json = StrictJson(app)
    app.spec_processor(describe)
    app.register_blueprint(blueprint)
