"""Changes of what a project keeps about its cost: prices, and the plan that is used."""

from sqlalchemy.orm import Session

from labeler.cost import plans, prices
from labeler.projects.actions import change_project
from labeler.projects.models import Project


def set_prices(session: Session, project: Project, found: prices.Prices) -> None:
    """Keep the prices of a project; they hold for all of its work, also what is done."""
    change_project(session, project, {"settings": {prices.SETTING: prices.as_setting(found)}})


def keep_plan(session: Session, project: Project, kept: plans.Kept) -> None:
    """Keep what a plan foresaw; serving the project as it says is the workflow's."""
    change_project(session, project, {"settings": {plans.SETTING: plans.as_setting(kept)}})
