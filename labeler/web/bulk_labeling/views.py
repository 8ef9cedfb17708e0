"""The bulk grid: a page of look-alikes with one proposed class. The pages themselves come by the API, one ahead.

Note: where a lead has not turned pages on there is nothing at this address, and nothing links
to it. A proposed class is a model's guess, and nobody sees one before answering unless a lead wants it.
"""

from flask import render_template, url_for
from flask_babel import gettext as _
from markupsafe import escape

from labeler.accounts.permissions import Action
from labeler.accounts.queries import preferences_of
from labeler.annotations.queries import done_by
from labeler.assignment.queries import left_for
from labeler.audits import queries as audits
from labeler.errors import NotFound
from labeler.extensions import database
from labeler.extensions import settings as instance_settings
from labeler.extensions.access import needs, project, user_id
from labeler.projects.examples import from_json
from labeler.projects.queries import classes_of, guideline_of, offers_pages
from labeler.storage.database import clock
from labeler.web.blueprint import blueprint
from labeler.web.shared.guide import read_guide
from labeler.web.shared.widget import class_buttons


@blueprint.get("/p/<slug>/grid")
@needs(Action.ANNOTATE)
def grid(slug: str) -> str:
    """Show the bulk grid of a project."""
    del slug
    found = project()
    if not offers_pages(found):
        raise NotFound("Bulk labeling is off in this project. A lead can turn it on.")
    with database().read() as session:
        classes = classes_of(session, found.id)
        guideline = guideline_of(session, found.id)
        text, examples = (guideline.text, from_json(guideline.examples)) if guideline else ("", ())
        guide = read_guide(session, found.id, classes, text, examples)
        done = done_by(session, found.id, user_id())
        left = left_for(session, found.id, user_id(), clock(session)) + audits.left_for(session, found.id, user_id())
        own = preferences_of(session, user_id())
    choices = class_buttons(classes, guide.rules, guide.shown)
    shown = [{"position": one.position, "name": one.name, "key": one.key} for one in choices]
    return render_template(
        "bulk_labeling/bulk_labeling.html",
        classes=choices,
        config={"task": found.task, "parts": False, "media": found.media, "classes": shown},
        guideline_html=guide.html or escape(_("No guidelines have been written yet.")),
        general=guide.general,
        guideline_version=guideline.version if guideline else 0,
        lease=instance_settings().lease_seconds,
        done=done.answered,
        total=done.seen + left,
        sign_in_url=url_for("web.sign_in", window=1),
        own_keys={"keys": own.get("keys", {}), "single_keys": own.get("single_keys", True)},
    )
