"""THE remaining error of a project: from its newest audit, brought up to date with what leads decided since.

Never from flags alone: without an audit there is none, and `RemainingError.state` says what is missing. After reviews
the audited labels of each part stand for that part (`audits.estimate.after_reviews`), and only a new audit says "met".
"""

from dataclasses import dataclass

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from labeler.annotations.columns import IDLE
from labeler.annotations.models import Annotation
from labeler.annotations.queries import AUDIT, COUNTED
from labeler.audits import queries as audits
from labeler.audits.estimate import FEWEST, Estimate, Rest, Stratum, after_reviews
from labeler.audits.models import LABELS, Audit
from labeler.audits.stopping import Verdict, Way, cheapest, verdict
from labeler.decisions.final import final_code, is_kept, with_standing
from labeler.decisions.models import AGREED, SECOND_OPINION, Review
from labeler.projects.models import Item, Project
from labeler.projects.queries import classes_of
from labeler.quality.detectors.registry import WRONG_LABELS
from labeler.quality.models import Flag, ItemScore
from labeler.quality.queries import latest_inspection
from labeler.review.precision import precision
from labeler.statistics.audit_result import AuditResult, result_of

EXPECTED_SHARE = 0.02
"""Share wrong that sizes are planned with before the first audit."""
MAXIMUM = 0.05
"""Most that may be wrong where a project does not say otherwise."""
FEWEST_REVIEWS = 10
"""Flags checked one by one from which probabilities say how much of the rest of the queue is wrong."""
LAST = 2000  # answers that the time of one is the median of
SECONDS = 20.0  # of an answer before there are any


@dataclass(frozen=True)
class RemainingError:
    """The remaining error as it is known. labels: with a final label now; running: an audit under way, and how far.

    result: of the newest finished audit; estimate: that of the result, or after reviews since; reviewed: labels decided
    since it began; corrected: of those it found wrong, how many are decisions by now; new: labels it did not know of.
    """

    labels: int
    maximum: float
    running: tuple[Audit, audits.Progress] | None = None
    result: AuditResult | None = None
    estimate: Estimate | None = None
    reviewed: int = 0
    corrected: int = 0
    new: int = 0

    @property
    def state(self) -> str:
        """One word for what is known.

        `too_few` labels, `never` audited, `running`, else what the newest result says: `out_of_date` where more than a
        twentieth of the labels came since, `reviewed` since, `early` (closed with less than was asked), or its verdict.
        """
        if self.running is not None:
            return "running"
        if self.result is None:
            return "never" if self.labels >= FEWEST else "too_few"
        if self.new * 20 > self.labels:
            return "out_of_date"
        if self.reviewed or self.corrected:
            return "reviewed"
        return self.result.verdict.value if self.result.audit.complete else "early"

    @property
    def verdict(self) -> Verdict | None:
        """What is shown about the maximum; "met" only by an audit that nothing came after."""
        return None if self.estimate is None else verdict(self.estimate, self.maximum)


def remaining_error(session: Session, project: Project, *, labels: int | None = None) -> RemainingError:
    """Return the remaining error of a project. labels: what `labeled` returns, where it was counted already."""
    labels, maximum = labeled(session, project.id) if labels is None else labels, maximum_of(project)
    running, newest = audits.running(session, project.id), audits.latest_finished(session, project.id)
    running = running if running is not None and running.about == LABELS else None
    under_way = (running, audits.progress(session, running, classes_of(session, project.id))) if running else None
    if newest is None:
        return RemainingError(labels, maximum, under_way)
    since = since_audit(session, newest)
    result = result_of(session, newest)
    changed = bool(since.reviewed or since.corrected)
    return RemainingError(
        labels,
        maximum,
        under_way,
        result,
        since.estimate if changed else result.estimate,
        since.reviewed,
        since.corrected,
        max(0, labels - newest.population),
    )


def labeled(session: Session, project_id: int) -> int:
    """Return how many labels an audit would be drawn from now."""
    query = with_standing(select(func.count(Item.id))).where(Item.project_id == project_id)
    return session.scalar(query.where(final_code() != "", is_kept())) or 0


def maximum_of(project: Project) -> float:
    """Return the most that may be wrong in a project."""
    return float(project.settings.get("error_limit", MAXIMUM))


# -- after an audit ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Since:
    """What leads decided since an audit began, and the shares wrong by that.

    queue: labels that wait in the review queue; estimate: as it is now; all_reviewed: as expected once the queue is
    decided.
    """

    reviewed: int
    corrected: int
    queue: int
    estimate: Estimate
    all_reviewed: Estimate


def since_audit(session: Session, audit: Audit) -> Since:
    """Return what became of an audit's population since it began."""
    items, decided, waiting = result_of(session, audit).items, _decided(session, audit), _waiting(session, audit)
    reviewed = {item for item, corrects in decided.items() if not corrects}
    corrected = decided.keys() - reviewed
    checked = {
        name: [one for one in items if _group_now(one.item_id, one.group, reviewed, waiting) == name]
        for name in ("decided", "queue", "unflagged")
    }
    sizes = {"decided": audit.groups.get("decided", 0), "queue": len(waiting)}
    sizes["unflagged"] = audit.population - sizes["decided"] - len(reviewed) - sizes["queue"]
    strata = {
        name: Stratum(max(sizes[name], len(found)), len(found), sum(one.outcome == "wrong" for one in found))
        for name, found in checked.items()
    }
    others = [one for one in (strata["decided"], strata["unflagged"]) if one.size]
    rest, expected = strata["queue"], _expected(session, audit.project_id, waiting)
    in_rest = sum(one.item_id in corrected for one in checked["queue"])
    return Since(
        len(reviewed),
        len(corrected),
        len(waiting),
        after_reviews(reviewed=len(reviewed), corrected=len(corrected), others=others, rest=Rest(rest, expected)),
        after_reviews(
            reviewed=len(reviewed) + rest.size,
            corrected=len(corrected) - in_rest,
            others=others,
            rest=Rest(Stratum(0, 0, 0), None),
        ),
    )


def _group_now(item: int, before: str, reviewed: set[int], waiting: set[int]) -> str:
    if item in reviewed:
        return ""
    if before == "decided":
        return before
    return "queue" if item in waiting else "unflagged"


def _decided(session: Session, audit: Audit) -> dict[int, bool]:
    """Return {item: whether the audit's own correction} of what was decided since it began and not before."""
    earlier = aliased(Review)
    before = exists().where(
        earlier.item_id == Review.item_id, earlier.created_at <= audit.started_at, earlier.status == "replaced"
    )
    query = select(Review.item_id, Review.batch.startswith(audit.batch)).where(
        Review.project_id == audit.project_id,
        Review.status == "current",
        Review.created_at > audit.started_at,
        Review.decision.not_in(("send_back", SECOND_OPINION, AGREED)),
        Review.before_code != "",
        ~before,
    )
    return {row[0]: bool(row[1]) for row in session.execute(query)}


def _waiting(session: Session, audit: Audit) -> set[int]:
    """Return the labels in the review queue that were there when the audit began, with those it corrected itself."""
    inspection = latest_inspection(session, audit.project_id)
    if inspection is None:
        return set()
    current = exists().where(
        Review.item_id == Flag.item_id, Review.status == "current", ~Review.batch.startswith(audit.batch)
    )
    flagged = select(Flag.item_id).where(Flag.inspection_id == inspection.id, ~current)
    query = with_standing(select(Item.id)).where(
        Item.project_id == audit.project_id, Item.created_at <= audit.started_at, final_code() != ""
    )
    return set(session.scalars(query.where(Item.id.in_(flagged))))


def _expected(session: Session, project_id: int, waiting: set[int]) -> float | None:
    """Return the mean probability wrong of the queue; None while it was not checked what those are worth."""
    inspection = latest_inspection(session, project_id)
    if inspection is None or precision(session, project_id, WRONG_LABELS.kind).checked < FEWEST_REVIEWS:
        return None
    query = select(func.avg(ItemScore.label_score)).where(
        ItemScore.inspection_id == inspection.id, ItemScore.item_id.in_(waiting), ItemScore.label_score.is_not(None)
    )
    found = session.scalar(query)
    return None if found is None else float(found)


def way_to_stop(session: Session, known: RemainingError) -> Way | None:
    """Return the cheapest steps to "met"; None without a result, and where it is met already."""
    if known.result is None or known.estimate is None or known.verdict is Verdict.MET:
        return None
    since = since_audit(session, known.result.audit)
    return cheapest(
        known.estimate, since.all_reviewed, queue=since.queue, size=max(known.labels, 1), maximum=known.maximum
    )


# -- how long ---------------------------------------------------------------------------------------------------------


def seconds_an_answer(session: Session, project_id: int) -> float:
    """Return the median active seconds of the newest answers of an audit, else of the newest of all."""
    for status in (AUDIT, COUNTED):
        query = select(Annotation.seconds).where(
            Annotation.project_id == project_id, Annotation.status == status, Annotation.seconds > 0
        )
        found = sorted(
            session.scalars(query.where(Annotation.seconds <= IDLE).order_by(Annotation.id.desc()).limit(LAST))
        )
        if found:
            return found[len(found) // 2]
    return SECONDS


def expected_share(session: Session, project_id: int) -> float:
    """Return the share wrong that the next audit is planned with: that of the last one, else EXPECTED_SHARE."""
    newest = audits.latest_finished(session, project_id)
    found = result_of(session, newest).estimate.share if newest else EXPECTED_SHARE
    return found if 0 < found < 1 else EXPECTED_SHARE
