"""What a server tells: one dictionary a row, with the names of the API. A test holds them against its document."""

from dataclasses import dataclass
from typing import Any, TypedDict


class ClassDetails(TypedDict):
    """One class of a project."""

    name: str
    description: str


class ProgressDetails(TypedDict):
    """How far a project is. labeled: items with a final label or a lead's soft label; answers of those wanted."""

    items: int
    done: int
    labeled: int
    answers: int
    wanted: int


class ChecksDetails(TypedDict):
    """When labels are checked again by themselves: after so many answers (0: never), at an hour in UTC."""

    after_answers: int
    daily_at: int | None


class MergingDetails(TypedDict):
    """How much a merge of classes touches, by what it is; total: what confirms it."""

    answers: int
    given: int
    decisions: int
    predictions: int
    examples: int
    automatic: int
    flags: int
    total: int


class ProjectDetails(TypedDict):
    """A project. progress: None for who does not lead it; merging: of a dry run of a change, else None."""

    slug: str
    name: str
    media: str
    task: str
    classes: list[ClassDetails]
    votes: int
    guidelines: str
    created_at: str
    progress: ProgressDetails | None
    checks: ChecksDetails
    merging: MergingDetails | None


class Item(TypedDict):
    """What stands for one item. text, or image_url and thumb_url (addresses on the server), width, height (pixels).

    final_value: the final label in any task; source: where it comes from; confidence and probabilities: 0 to 1.
    """

    item: int
    external_id: str | None
    text: str | None
    image_url: str | None
    thumb_url: str | None
    width: int | None
    height: int | None
    metadata: dict[str, Any]
    given_label: str | None
    consensus_label: str | None
    final_label: str | None
    final_value: dict[str, Any] | None
    soft_label: dict[str, float] | None
    source: str | None
    confidence: float | None
    probability_wrong: float | None
    probability_low: float | None
    probability_high: float | None
    band: str | None
    votes: int
    open_slots: int
    state: str


class Answer(TypedDict):
    """One answer. status: counted, late, superseded, undone, skipped, or audit; seconds: active time."""

    id: int
    item: int
    external_id: str | None
    annotator: str
    value: dict[str, Any] | None
    skip: str
    comment: str
    unsure: bool
    seconds: float
    purpose: str
    status: str
    guideline: int
    suggestion_shown: bool | None
    took_suggestion: bool | None
    original: dict[str, Any] | None
    created_at: str


class Flag(TypedDict):
    """One reason to look at one item again. score: of a wrong label the probability wrong, else what orders them."""

    item: int
    external_id: str | None
    kind: str
    score: float
    given_label: str | None
    label: str | None
    suggested_label: str | None
    suggested_value: dict[str, Any] | None
    confidence: float
    probability_wrong: float | None
    probability_low: float | None
    probability_high: float | None
    band: str | None
    suggested_probability: float | None
    reasons: list[Any]
    decision: str | None


class Decision(TypedDict):
    """One decision of a lead. status: current, replaced, undone or answered; by: who made it."""

    id: int
    key: str
    item: int
    decision: str
    label: str | None
    value: dict[str, Any] | None
    soft: dict[str, float] | None
    kind: str | None
    before_label: str | None
    reason: str
    status: str
    created_at: str
    external_id: str | None
    by: str


class Word(TypedDict):
    """One thing that was said in a thread. by: annotator or lead; outcome: where it settles the thread."""

    by: str
    who: str
    text: str
    at: str
    message: int | None
    annotation: int | None
    outcome: str | None
    guideline_version: int | None
    decision: str | None
    value: dict[str, Any] | None


class Thread(TypedDict):
    """What was said about one person's answers to an item. state: open, answered or settled."""

    item: int
    external_id: str | None
    annotator: str
    state: str
    settled_by: str | None
    said_at: str
    said: list[Word]


class JobDetails(TypedDict):
    """Long work. state: queued, running, done or failed; progress: 0 to 1; worker: whether one was seen lately."""

    id: int
    kind: str
    project: str
    state: str
    progress: float
    message: str
    result: dict[str, Any]
    error: str
    worker: bool
    cancelled: bool
    created_at: str
    started_at: str | None
    finished_at: str | None


class ReleaseDetails(TypedDict):
    """A release. sha256, size: of its archive, in bytes; verified: the newest time it was, None before the first."""

    number: int
    name: str
    sha256: str
    size: int
    format: str
    options: dict[str, Any]
    items: int
    numbers: dict[str, Any]
    as_of: str
    made_at: str
    made_by: str
    verified: dict[str, Any] | None


class RowLeftOut(TypedDict):
    """A row that was left out, or a part of it. row: 1 for the first; field: "" when the whole row is meant."""

    file: str
    row: int
    field: str
    column: str
    reason: str


@dataclass(frozen=True)
class ImportResult:
    """What became of rows that were sent.

    not_counted: answers beyond the wanted ones; left_out: how much was left out, by what it is; rejected_rows and
    incomplete_rows (in, but without a part): the first hundred of each.
    """

    id: int
    added: int
    changed: int
    unchanged: int
    rejected: int
    not_counted: int
    left_out: dict[str, int]
    rejected_rows: list[RowLeftOut]
    incomplete_rows: list[RowLeftOut]

    @classmethod
    def of(cls, told: dict[str, Any]) -> "ImportResult":
        """Read what a job or a request told; what a newer server adds is not looked at."""
        names = [name for name in cls.__dataclass_fields__ if name != "id"]
        return cls(id=told["import"], **{name: told[name] for name in names})
