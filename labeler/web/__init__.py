"""The pages. Thin: a view reads, calls the workflow, and renders or redirects. The server renders every state."""

from labeler.web import (
    accounts,
    dashboard,
    disagreements,
    exports,
    health,
    images,
    imports,
    items,
    projects,
    review,
    workspace,
)
from labeler.web.blueprint import blueprint
from labeler.web.errors import error_page

__all__ = [
    "accounts",
    "blueprint",
    "dashboard",
    "disagreements",
    "error_page",
    "exports",
    "health",
    "images",
    "imports",
    "items",
    "projects",
    "review",
    "workspace",
]
