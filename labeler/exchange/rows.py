"""What goes in and out of a project, as plain values that every format shares.

What a reader of this code would get wrong: a `RejectedRow` is not an error. It stands for exactly one row that was
left out, and the rows after it still come. Only what makes the whole source unreadable (no such column, not a ZIP)
raises `Invalid`. The values that come by the million are named tuples, as a frozen dataclass takes three times as
long to make.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from labeler.exchange.sources import ImageLoader

SHOWN = 200
"""How many characters of a rejected row are shown."""


class Row(NamedTuple):
    """One item, or one answer, as it came in.

    number: 1 for the first row after the header. given_label: for annotations, the answer. name: the file name of
    an image, else None. Empty ids and labels are None; unknown columns are in metadata.
    given_value: the label that is no single class, as JSON with class names and pixels of the upright
    original; prediction, prediction_score: what a model says of the item (a value as well) and how sure it is.
    file: the file of a folder or ZIP that the row stands for, else ""; left_out: what of it could not be taken, as
    (reason, how many); not_asked: what a project of this kind does not ask for, counted in the same way: the row has
    all that is asked of it. class_numbers: by which the file knows the classes, class_places: where they stand in its
    list of classes, from 0; each the same object for all of its rows. item: the one that is there and that the row is
    about, once that is known.
    """

    number: int
    external_id: str | None
    text: str | None
    image: ImageLoader | None
    given_label: str | None
    metadata: dict[str, Any]
    annotator: str | None = None
    name: str | None = None
    given_value: dict[str, Any] | None = None
    prediction: dict[str, Any] | None = None
    prediction_score: float | None = None
    file: str = ""
    left_out: tuple[tuple[str, int], ...] = ()
    not_asked: tuple[tuple[str, int], ...] = ()
    item: int | None = None
    class_numbers: Mapping[str, int] | None = None
    class_places: Mapping[str, int] | None = None


class RejectedRow(NamedTuple):
    """One row that was left out, and why. column: "" when the whole row is meant; original: what stood there, cut.

    file: the file of a folder or ZIP that is meant, "" for the source itself.
    """

    number: int
    column: str
    reason: str
    original: str
    file: str = ""


def rejected_file(name: str, reason: str, column: str = "") -> RejectedRow:
    """Return why a file of a set, a picture or what labels it, did not come in."""
    return RejectedRow(0, column, reason, name[:SHOWN], name)


class VoteRow(NamedTuple):
    """One answer read from a file; made from a Row by annotations.as_votes. created_at: ISO 8601 or None.

    value: the answer where it is no single class; label is "" then; left_out, not_asked, item: as in a Row. skip: the
    reason of a skip, which is no answer ("" for none given), None where it is one. soft: not an answer either but a
    lead's decision that the item is ambiguous: the share of each class by name, {} where the task has none; annotator
    is "" then.
    """

    number: int
    external_id: str | None
    text: str | None
    annotator: str
    label: str
    seconds: float | None = None
    comment: str | None = None
    created_at: str | None = None
    value: dict[str, Any] | None = None
    unsure: bool = False
    left_out: tuple[tuple[str, int], ...] = ()
    not_asked: tuple[tuple[str, int], ...] = ()
    item: int | None = None
    skip: str | None = None
    soft: Mapping[str, float] | None = None


class Vote(NamedTuple):
    """One counted answer as it goes out. annotator: e-mail; created_at: ISO 8601.

    label: the class, or a few words where it is no single class; value: the answer itself there, else None; unsure:
    whether the person said so.
    """

    annotator: str
    label: str
    seconds: float | None
    comment: str | None
    created_at: str
    value: dict[str, Any] | None = None
    unsure: bool = False


class Skip(NamedTuple):
    """One skip of an item as it goes out. reason: one of the offered words, or the person's own."""

    annotator: str
    reason: str
    seconds: float | None
    comment: str | None
    created_at: str


class FlagOut(NamedTuple):
    """One reason to look again as it goes out. score: 0..1, 1 = surely wrong."""

    kind: str
    score: float
    suggested_label: str | None


class ExportRow(NamedTuple):
    """One item as it goes out. confidence, label_score, agreement: shares 0..1; label_score = 1 - probability wrong.

    label_score is of the final label, None where the newest pass saw another one.

    agreement: the share of the answers that say the most frequent thing (`agreement.patterns.share_alike`).

    *_label: class names, or a few words where it is no single class ("a|b" for several labels); *_value: the labels
    themselves there, else None; flagged_wrong: score of the flag that calls the label wrong, None without one;
    width, height: pixels of the upright original. soft_label: of an ambiguous item, which
    has no final label, the share of each class by name; content_hash: by which a picture's original is found; split:
    the part that the item is in, "" where none was asked for; probabilities: what the newest pass says of each class,
    held out, in the project's order.
    """

    item: int
    external_id: str | None
    text: str | None
    image: str | None
    media: str
    given_label: str | None
    consensus_label: str | None
    final_label: str | None
    final_source: str | None
    confidence: float | None
    votes: tuple[Vote, ...] = ()
    flags: tuple[FlagOut, ...] = ()
    label_score: float | None = None
    suggested_label: str | None = None
    agreement: float | None = None
    metadata: dict[str, Any] | None = None
    excluded: bool = False
    given_value: dict[str, Any] | None = None
    consensus_value: dict[str, Any] | None = None
    final_value: dict[str, Any] | None = None
    width: int | None = None
    height: int | None = None
    skips: tuple[Skip, ...] = ()
    soft_label: dict[str, float] | None = None
    flagged_wrong: float | None = None
    content_hash: str = ""
    split: str = ""
    probabilities: tuple[float, ...] | None = None
