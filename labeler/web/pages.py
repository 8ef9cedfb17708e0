"""The table of contents: every page, in the order in which people meet them, registers its addresses by being imported.

A page is a folder: `views.py` (addresses), calculations beside it, its templates, its styles and scripts. What several
pages share is in `shared/`; how scripts and styles reach the browser is in `assets/`.
"""

from labeler.web.accounts import views as accounts
from labeler.web.admin import views as admin
from labeler.web.agreement import views as agreement
from labeler.web.annotators import asking as annotators_asking
from labeler.web.annotators import looking as annotators_looking
from labeler.web.annotators import views as annotators
from labeler.web.audits import deciding as audit_deciding
from labeler.web.audits import views as audits
from labeler.web.automatic import views as automatic
from labeler.web.blueprint import blueprint
from labeler.web.bulk_labeling import views as bulk_labeling
from labeler.web.checks import views as checks
from labeler.web.cost import planner as cost_planner
from labeler.web.cost import views as cost
from labeler.web.dashboard import views as dashboard
from labeler.web.disagreements import views as disagreements
from labeler.web.exports import views as exports
from labeler.web.guidelines import editor as guideline_editor
from labeler.web.guidelines import views as guidelines
from labeler.web.health import views as health
from labeler.web.images import views as images
from labeler.web.imports import columns as import_columns
from labeler.web.imports import views as imports
from labeler.web.items import asking as items_asking
from labeler.web.items import views as items
from labeler.web.mine import views as mine
from labeler.web.people import views as people
from labeler.web.projects import views as projects
from labeler.web.releases import views as releases
from labeler.web.review import editing as review_editing
from labeler.web.review import group as review_group
from labeler.web.review import many as review_many
from labeler.web.review import start as review_start
from labeler.web.review import views as review
from labeler.web.serving import views as serving
from labeler.web.settings import views as settings
from labeler.web.shared import context, filters, moments
from labeler.web.suggestions import views as suggestions
from labeler.web.threads import views as threads
from labeler.web.webhooks import views as webhooks
from labeler.web.workshop import views as workshop
from labeler.web.workspace import preferences
from labeler.web.workspace import views as workspace

PAGES = {
    (accounts,): "signing in and out, one-use links, one's own account",
    (admin,): "all accounts of this installation",
    (projects,): "the projects of a person, and making a new one",
    (dashboard,): "the lead's overview, and the button that checks the labels",
    (agreement,): "how far annotators agree, on what, and with whom",
    (
        annotators,
        annotators_asking,
        annotators_looking,
    ): "everybody who answers, one of them, asking others again, looking blind",
    (cost, cost_planner): "what labeling took so far and will take, and plans before it begins",
    (checks,): "every check of the labels, what it cost and changed; ending a job",
    (imports, import_columns): "bringing items in: file, columns, what became of it",
    (workspace, preferences): "the annotator's screen, and the keys a person chose",
    (mine,): "one's own answers: what waits, what became of them, one's time",
    (bulk_labeling,): "a page of look-alikes with one proposed class",
    (guidelines, guideline_editor): "what a label means: reading, every version, writing the next",
    (items, items_asking): "lists of items behind every count, what is asked of all of them, and one item",
    (
        review,
        review_editing,
        review_group,
        review_many,
        review_start,
    ): "the queue of suspects, one at a time, drawn anew, twins or many at once, and a time for it",
    (audits, audit_deciding): "how many labels are wrong: a random sample answered blind, and its result",
    (automatic,): "what the model may label where nobody answered, once an audit allows it",
    (disagreements,): "items whose votes differ, with the voters side by side",
    (workshop,): "a workshop about two classes that are taken for one another",
    (threads,): "what annotators asked about their answers, and what became of it",
    (suggestions,): "suggestions on or off, and what they do to speed and mistakes",
    (exports,): "taking labels out",
    (releases,): "frozen, numbered exports: making one, what changed since another, verifying one",
    (people,): "who is in a project",
    (serving,): "in which order and how often items are asked about, test items, who holds what",
    (settings,): "what can be changed in a project that runs",
    (webhooks,): "programs elsewhere that are told what happened, and what became of it",
    (images,): "the bytes of pictures",
    (health,): "whether the process is up and can do its work",
}
SHARED = (context, filters, moments)  # what every template may use, registered in the same way
__all__ = ["PAGES", "SHARED", "blueprint"]
