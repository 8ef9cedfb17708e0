"""What a project costs, as its page and the API say it: one reading of the work, and all that is summed from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from labeler.accounts.queries import members
from labeler.cost import queries
from labeler.cost.at_the_end import AtTheEnd, at_the_end
from labeler.cost.ledger import ANSWERS, REVIEW, Ledger, Spent, ledger
from labeler.cost.plans import Kept, kept_in
from labeler.cost.prices import Prices, prices_of
from labeler.projects.models import Project
from labeler.statistics.counts import ProjectCounts
from labeler.statistics.foreseen import Outlook, outlook
from labeler.statistics.progress import progress_of


@dataclass(frozen=True)
class Costs:
    """What was spent on what, and what it comes to. labels, corrected: {class code: how many}, see `queries`.

    left: answers still to come; finished: the day on which the last item was done, None while some are not; plan: the
    plan that is used.
    """

    prices: Prices
    ledger: Ledger
    labels: Mapping[str, int]
    corrected: Mapping[str, int]
    outlook: Outlook
    left: int
    at_the_end: AtTheEnd | None
    finished: date | None
    plan: Kept | None

    @property
    def final_labels(self) -> int:
        """How many final labels the work brought."""
        return sum(self.labels.values())

    @property
    def corrections(self) -> int:
        """How many errors reviews corrected."""
        return sum(self.corrected.values())

    @property
    def review(self) -> Spent:
        """What reviews took."""
        return self.ledger.step(REVIEW)

    @property
    def answers_each(self) -> float | None:
        """Answers for labels that a final label took."""
        return self.ledger.step(ANSWERS).count / self.final_labels if self.final_labels else None


def costs_of(session: Session, project: Project, counts: ProjectCounts, today: date) -> Costs:
    """Return what a project costs. counts: of now."""
    work = queries.work_of(session, project)
    leads = queries.leads_of(members(session, project.id), work)
    prices = prices_of(project.settings)
    spent = ledger(work, prices, leads)
    far = progress_of(session, project)
    left = max(0, far.wanted - far.answers)
    done = counts.items > 0 and counts.done == counts.items
    return Costs(
        prices,
        spent,
        queries.labels_made(session, project),
        queries.corrected(session, project),
        outlook(counts, today),
        left,
        at_the_end(work, spent, 0 if done else left, prices, leads),
        date.fromordinal(counts.days[-1][0]) if done and counts.days else None,
        kept_in(project.settings),
    )
