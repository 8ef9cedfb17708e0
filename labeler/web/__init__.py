"""The pages. Thin: a view reads, calls the workflow, and renders or redirects. The server renders every state."""

from labeler.web import (
    accounts,
    admin,
    context,
    dashboard,
    disagreements,
    exports,
    guidelines,
    health,
    images,
    imports,
    items,
    people,
    projects,
    review,
    review_many,
    settings,
    workspace,
)
from labeler.web.blueprint import blueprint
from labeler.web.errors import error_page
from labeler.web.static_files import serve_static

__all__ = [
    "accounts",
    "admin",
    "blueprint",
    "context",
    "dashboard",
    "disagreements",
    "error_page",
    "exports",
    "guidelines",
    "health",
    "images",
    "imports",
    "items",
    "people",
    "projects",
    "review",
    "review_many",
    "serve_static",
    "settings",
    "workspace",
]
