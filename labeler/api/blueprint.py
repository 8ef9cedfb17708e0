"""The blueprint of /api/v1 and the modules that hang routes on it."""

from apiflask import APIBlueprint

blueprint = APIBlueprint("api", "labeler.api", url_prefix="/api/v1", tag="Labeler")
