"""Which column holds what: the usual names, and clear words when there is none.

Note: our own exports are recognised by their columns. What they hold beside the item itself
(consensus, votes, flags…) was derived here and is not metadata of the item, so it is left aside when they come back.
And where answers have parts, a column *_label says them in words only: the label is the column *_value beside it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from labeler.errors import Invalid
from labeler.exchange.sources import ReadOptions
from labeler.messages import Message
from labeler.task_types.registry import task_type

USUAL_NAMES = {
    "id": ("external_id", "id", "item_id", "item", "uid", "uuid", "key", "doc_id", "document_id", "example_id"),
    "text": ("text", "sentence", "content", "body", "document", "utterance", "message", "review", "tweet", "article"),
    "image": ("image", "image_file", "file_name", "filename", "file", "image_path", "path", "img"),
    "label": ("label", "given_label", "class", "category", "target", "label_text", "labels"),
    "annotator": (
        "annotator",
        "annotator_id",
        "worker",
        "worker_id",
        "email",
        "user",
        "completed_by",
        "rater",
        "coder",
        "_annotator_id",
        "_session_id",
    ),
}
USUAL_ANSWERS = ("label", "answer", "annotation", "vote", "class", "category", "rating", "value")
_PREDICTIONS = ("prediction", "predicted_label", "predicted", "value", "label")
_SCORES = ("prediction_score", "score", "confidence", "probability")

EXPORT_COLUMNS = (
    "given_label",
    "consensus_label",
    "final_label",
    "final_source",
    "soft_label",
    "confidence",
    "label_score",
    "suggested_label",
    "agreement",
    "excluded",
    "votes",
    "flags",
    "metadata",
)
VALUE_COLUMNS = ("given_value", "consensus_value", "final_value")
"""Only in exports of tasks whose answers are made of objects: the labels themselves, as JSON."""
_MARKS_OF_AN_EXPORT = {"item", "external_id", "consensus_label", "final_label", "final_source", "metadata"}
_OWN = {"item", "skips", "media", "text", "image", "external_id", *EXPORT_COLUMNS, *VALUE_COLUMNS}
SKIP = "skip"
"""The column, or the member of an answer, that says that it is a skip: its reason."""
OF_PEOPLE = ("votes", "skips", "final_source", "soft_label")
"""What an export says of people, which an import of answers takes from it."""
_OPTION = {
    "id": "--id-column NAME",
    "text": "--text-column NAME",
    "image": "--image-column NAME",
    "label": "--label-column NAME",
    "annotator": "--annotator-column NAME",
    "prediction": "--label-column NAME",
}


@dataclass(frozen=True, slots=True)
class Columns:
    """The column of each part, None where there is none.

    metadata: every column to keep; own: whether the source is one of our exports; prediction, score: what a model says.
    """

    id: str | None
    text: str | None
    image: str | None
    label: str | None
    annotator: str | None
    metadata: tuple[str, ...]
    own: bool
    prediction: str | None = None
    score: str | None = None

    @property
    def content(self) -> str:
        """The column that holds the item itself, or "" in a table of answers that go by id."""
        return self.text or self.image or ""


def find_columns(names: Iterable[str], options: ReadOptions, source: str) -> Columns:
    """Decide which column is what; raise Invalid, naming the columns found and the option to set."""
    found = tuple(names)
    own = set(found) >= _MARKS_OF_AN_EXPORT
    chosen = {part: _find(part, found, options, source) for part in USUAL_NAMES}
    other = "image" if options.media == "text" else "text"
    chosen[other] = None
    if options.wants != "annotations" and options.mapping.annotator is None:
        chosen["annotator"] = None
    beside = (chosen["label"] or "").removesuffix("_label") + "_value"
    if own and beside in VALUE_COLUMNS and beside in found:
        chosen["label"] = beside
    chosen |= _predicted(chosen, found, options)
    _check(chosen, found, options, source)
    used = {column for column in chosen.values() if column}
    if own:
        used |= _OWN - set(OF_PEOPLE) if options.wants == "annotations" else _OWN
    return Columns(**chosen, metadata=_metadata(found, used, options, source), own=own)


def _predicted(chosen: dict[str, str | None], found: tuple[str, ...], options: ReadOptions) -> dict[str, str | None]:
    """Return the columns of a prediction and its score; in a table of predictions the usual label is one as well."""
    asked = options.wants in {"predictions", "probabilities"}
    taken = {chosen["id"], chosen["text"], chosen["image"]}
    first = None
    if asked:
        usual = _PREDICTIONS if options.wants == "predictions" else _PREDICTIONS[:3]
        first = options.mapping.label or _first(usual, found, taken)
    elif "prediction" in found and "prediction" not in chosen.values():
        first = "prediction"
    score = _first(_SCORES if asked else _SCORES[:1], found, taken | {first}) if first else None
    return {"prediction": first, "score": score, "label": None if asked else chosen["label"]}


def _find(part: str, found: tuple[str, ...], options: ReadOptions, source: str) -> str | None:
    wanted: str | None = getattr(options.mapping, part)
    if wanted == "":
        return None
    if wanted is not None:
        if wanted not in found:
            raise Invalid(
                '{source} has no column "{wanted}". {columns} {advice}',
                field=part,
                source=source,
                wanted=wanted,
                columns=_listed(found),
                advice=_advice(part),
            )
        return wanted
    return _first(_usual(part, options), found, _claimed(options))


def _usual(part: str, options: ReadOptions) -> tuple[str, ...]:
    if part != "label":
        return USUAL_NAMES[part]
    usual = USUAL_ANSWERS if options.wants == "annotations" else USUAL_NAMES["label"]
    task = task_type(options.task)
    return (*task.columns_first, *usual, *task.columns_last)


def _first(usual: Iterable[str], found: tuple[str, ...], taken: set[str | None]) -> str | None:
    """Return the column with the first of the usual names, whatever the case, that is not taken."""
    by_lower = {name.strip().casefold(): name for name in reversed(found)}
    return next((by_lower[name] for name in usual if name in by_lower and by_lower[name] not in taken), None)


def _claimed(options: ReadOptions) -> set[str | None]:
    """Return what the person has given a part of its own, so that no guess takes it again."""
    chosen = options.mapping
    return {chosen.id, chosen.text, chosen.image, chosen.label, chosen.annotator, *chosen.annotators}


def _check(chosen: dict[str, str | None], found: tuple[str, ...], options: ReadOptions, source: str) -> None:
    media = options.media
    if options.wants != "items":
        _check_answers(chosen, found, options, source)
    elif chosen[media] is None:
        raise Invalid(
            "{source} has no column that looks like the {media}. {columns} {advice}",
            field=media,
            source=source,
            media=media,
            columns=_listed(found),
            advice=_advice(media),
        )


def _check_answers(chosen: dict[str, str | None], found: tuple[str, ...], options: ReadOptions, source: str) -> None:
    if chosen["id"] is None and chosen[options.media] is None:
        raise Invalid(
            "{source} has no column that says which item was answered. {columns} {advice}",
            field="id",
            source=source,
            columns=_listed(found),
            advice=_advice("id"),
        )
    missing = [name for name in options.mapping.annotators if name not in found]
    if missing:
        raise Invalid(
            '{source} has no column "{missing}". {columns}',
            field="annotators",
            source=source,
            missing=missing[0],
            columns=_listed(found),
        )
    _check_said(chosen, found, options, source)


def _check_said(chosen: dict[str, str | None], found: tuple[str, ...], options: ReadOptions, source: str) -> None:
    """Raise Invalid where no column says who answered what, or what a model says."""
    own_votes = "votes" in found and chosen["annotator"] is None
    if options.wants == "annotations" and (options.mapping.annotators or own_votes):
        return
    who = () if options.annotator else (("annotator", Message("who answered")),)
    answer = () if SKIP in found else (("label", Message("the answer")),)
    wanted: dict[str, tuple[tuple[str, str], ...]] = {
        "labels": (("label", Message("the label")),),
        "annotations": (*who, *answer),
        "predictions": (("prediction", Message("what a model says")),),
    }
    for part, what in wanted.get(options.wants, ()):
        if chosen[part] is None:
            raise Invalid(
                "{source} has no column for {what}. {columns} {advice}",
                field=part,
                source=source,
                what=what,
                columns=_listed(found),
                advice=_advice(part),
            )


def _metadata(found: tuple[str, ...], used: set[str], options: ReadOptions, source: str) -> tuple[str, ...]:
    wanted = options.mapping.metadata
    if wanted is None:
        return tuple(name for name in found if name not in used)
    missing = [name for name in wanted if name not in found]
    if missing:
        raise Invalid(
            '{source} has no column "{missing}" to keep. {columns}',
            field="metadata",
            source=source,
            missing=missing[0],
            columns=_listed(found),
        )
    return wanted


def _listed(found: tuple[str, ...]) -> str:
    names = ", ".join(found[:30])
    if not names:
        return Message("Columns found: none.")
    if len(found) > 30:  # noqa: PLR2004  a line, not a page
        return Message("Columns found: {names} and {count} more.", names=names, count=len(found) - 30)
    return Message("Columns found: {names}.", names=names)


def _advice(part: str) -> str:
    return Message("Say which one it is with {option}, or choose it on the import page.", option=_OPTION[part])
