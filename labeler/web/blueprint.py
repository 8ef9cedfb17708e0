"""The blueprint of all pages."""

from flask import Blueprint

blueprint = Blueprint("web", "labeler.web")
