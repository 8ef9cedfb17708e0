"""Label Studio's JSON as it comes in; __init__.py says what is taken.

Note: tasks become records of the same form as any other JSON, under names no data has, and the
rest is left to records.py. So what is said here of a task is only what other formats do not have.
"""

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from labeler.errors import Invalid
from labeler.exchange.formats.base import Certainty, Glimpse, Reader, Sign
from labeler.exchange.formats.label_studio import flat
from labeler.exchange.formats.label_studio.regions import OTHER, Seen, understood_results, value_of_results
from labeler.exchange.formats.label_studio.write import GIVEN, OWN
from labeler.exchange.parsing import coordinates
from labeler.exchange.parsing.annotations import AN_ANSWER
from labeler.exchange.parsing.column_names import SKIP, USUAL_NAMES
from labeler.exchange.parsing.coordinates import Size
from labeler.exchange.parsing.dataset_files import source_inside, with_unused
from labeler.exchange.parsing.extra_fields import LeftOut
from labeler.exchange.parsing.image_files import find_image
from labeler.exchange.parsing.json_records import LOOKED_AT, Record, to_rows
from labeler.exchange.parsing.values import Value, shape_of
from labeler.exchange.rows import SHOWN, RejectedRow, Row
from labeler.exchange.sources import BARE, ImageLoader, ReadOptions, Source
from labeler.messages import Message
from labeler.remote.addresses import is_address
from labeler.task_types.base import TaskType
from labeler.task_types.registry import task_type

_ID, _LABEL, _SCORE = "label studio: id", "label studio: label", "prediction_score"
_MARKS = frozenset(("external_id", "final_source", "excluded"))
_UNASKED = Message("an answer to a question that the project does not ask")
_TASK = re.compile(r'"data"\s*:\s*\{')
_ANSWERS = re.compile(r'"(?:annotations|predictions|completions|result|completed_by)"\s*:')
_UPLOADED = re.compile(r"[0-9a-f]{8}-")


def columns(source: Source, options: ReadOptions) -> tuple[str, ...]:
    """Return (): what is what is fixed, but for the names in the data, which are found by themselves."""
    del source, options
    return ()


def read(source: Source, options: ReadOptions) -> Iterator[Row | RejectedRow]:
    """Yield a row for each task; raises Invalid when the source holds none, or nothing that looks like the item."""
    inner = source_inside(source, options, (".json",))
    if inner.find is not None:
        inner = replace(inner, find=_by_address(inner.find))
    tasks = flat.as_tasks(flat.records(inner, options), options)
    first = list(itertools.islice(tasks, LOOKED_AT))
    if first and not any(_is_task(entry) for entry in first):
        raise Invalid('{name} holds no tasks of Label Studio: objects with "data".', field="file", name=source.name)
    chosen = options.mapping
    reading = _Reading(inner, options, shape_of(options.task), _content(first, options))
    told = replace(
        chosen, id=_ID, label=_LABEL, annotator="", annotators=(), text=reading.content, image=reading.content
    )
    rows = to_rows(reading.flat(itertools.chain(first, tasks)), inner, replace(options, mapping=told))
    return with_unused(rows, inner)


def _is_task(entry: Record | RejectedRow) -> bool:
    return isinstance(entry, Record) and isinstance(entry.value, dict) and isinstance(entry.value.get("data"), dict)


def _data(entry: Record | RejectedRow) -> dict[str, Any]:
    return dict(entry.value["data"]) if isinstance(entry, Record) and _is_task(entry) else {}


def _content(first: list[Record | RejectedRow], options: ReadOptions) -> str | None:
    """Return the key of the data that holds the item: as told, by the usual names, or the only text there is."""
    told: str | None = getattr(options.mapping, options.media)
    if told:
        return told
    data = [_data(entry) for entry in first if _is_task(entry)]
    keys = dict.fromkeys(key for one in data for key, what in one.items() if isinstance(what, str))
    usual = next((name for name in USUAL_NAMES[options.media] if name in keys), None)
    others = [key for key in keys if key not in OWN]
    return usual or (others[0] if len(others) == 1 else None)


@dataclass(frozen=True)
class _Reading:
    """How the tasks of one source are read. content: the key of the data that holds the item."""

    source: Source
    options: ReadOptions
    shape: str
    content: str | None

    @property
    def task(self) -> TaskType:
        """What the labels answer."""
        return task_type(self.options.task)

    def flat(self, entries: Iterator[Record | RejectedRow]) -> Iterator[Record | RejectedRow]:
        """Yield tasks as flat records, and what was left out of them."""
        for entry in entries:
            if isinstance(entry, RejectedRow):
                yield entry
            elif not _is_task(entry):
                yield RejectedRow(
                    entry.number, "data", Message('a task needs "data", an object'), entry.written[:SHOWN]
                )
            else:
                yield from self._task(entry)

    def _task(self, entry: Record) -> Iterator[Record | RejectedRow]:
        task, data = entry.value, entry.value["data"]
        own = data.keys() >= _MARKS
        flat = {key: what for key, what in data.items() if not own or key not in OWN}
        flat |= {_ID: self._identity(task, flat, own=own), _LABEL: None}
        if self.options.media == "image" and isinstance(address := flat.get(self.content or ""), str):
            fetched = self.source.fetch is not None and is_address(address) and "/local-files/" not in address
            flat[self.content or ""] = name = address if fetched else _name(address)
            flat |= {"image_address": address} if name != address else {}
        seen = self._seen(flat, task)
        left_out: LeftOut = ()
        try:
            if self.options.wants in BARE:
                given, left_out = self._given(task, seen, own=own)
                flat |= given
            elif self.options.wants == "predictions":
                flat |= self._predicted(task, seen, _LABEL)
            else:
                votes = list(self._votes(entry, seen))
                yield from (vote for vote in votes if isinstance(vote, RejectedRow))
                flat["votes"] = [vote for vote in votes if isinstance(vote, dict)]
        except Invalid as error:
            yield RejectedRow(
                entry.number, self.options.wants.replace("items", "annotations"), error.message, self._shown(flat)
            )
            return
        yield entry._replace(value=flat, left_out=left_out)

    def _identity(self, task: dict[str, Any], flat: dict[str, Any], *, own: bool) -> Any:
        """Return the id of a task's item, taken out of its data where it stands there."""
        if own:
            return task["data"]["external_id"]
        usual = (name for name in USUAL_NAMES["id"] if isinstance(flat.get(name), str | int))
        named = self.options.mapping.id or next(usual, None)
        return flat.pop(named, None) if named else task.get("id")

    def _shown(self, flat: dict[str, Any]) -> str:
        return str(flat.get(self.content or "", ""))[:SHOWN]

    def _seen(self, flat: dict[str, Any], task: dict[str, Any]) -> Seen:
        """Return what the results of a task are about; a picture is measured only where that can matter."""
        asked = self.options.mapping.label or ""
        question = "" if asked in OWN or asked == _LABEL else asked
        content = flat.get(self.content or "")
        if not isinstance(content, str):
            return Seen(question=question)
        if self.options.media == "text":
            return Seen(text=content, question=question)
        answered = any(task.get(part) for part in ("annotations", "completions", "predictions"))
        if self.options.wants not in BARE or self.shape not in coordinates.MEASURED or not answered:
            return Seen(question=question)
        return Seen(size=self._size(content), question=question)

    def _size(self, name: str) -> Size | None:
        try:
            loader, _ = find_image(name, self.source, self.options.limits.image_bytes)
            return coordinates.picture_size(loader)
        except Invalid:
            return None  # the row is refused with that reason when its image is looked for

    def _given(self, task: dict[str, Any], seen: Seen, *, own: bool) -> tuple[dict[str, Any], LeftOut]:
        """Return the given label of a task as members of its record, with what a model says of it; and what is lost."""
        found: dict[str, Any] = {}
        try:
            annotations = _annotations(task)
        except Invalid as error:
            return found, ((error.message, 1),)
        standing: list[dict[str, Any]] = []
        lost: LeftOut = ()
        if own:
            asked = (self.options.mapping.label or "given_label").removesuffix("_label")
            data = task["data"]
            found[_LABEL] = data.get(f"{asked}_value", data.get(f"{asked}_label"))
        else:
            standing, lost = self._standing(annotations, seen, found)
        people = [one for one in annotations if one not in standing and one.get("completed_by")]
        others: LeftOut = ((AN_ANSWER, len(people)),) if people else ()
        try:
            predicted = self._predicted(task, seen, "prediction") if _said_by_models(task) else {}
        except Invalid as error:
            predicted = {"prediction_problem": error.message}
        return {**predicted, **found}, (*lost, *others)

    def _standing(
        self, annotations: list[dict[str, Any]], seen: Seen, found: dict[str, Any]
    ) -> tuple[list[dict[str, Any]], LeftOut]:
        """Put the label that a task came with into `found`; return the annotation it is, and what of it was lost."""
        answers = [one for one in annotations if not one.get("was_cancelled")]
        truths = [one for one in answers if one.get("ground_truth")]
        standing = truths[-1:] or (answers if len(answers) == 1 else [])
        if not standing or not (standing[0].get("result") or self.task.none_is_answer):
            return standing, ()
        value, told, lost = understood_results(standing[0].get("result"), self.shape, seen)
        found |= {**told, _LABEL: None if value is None else self._as_file(value)}
        return standing, lost

    def _as_file(self, value: Value) -> Any:
        return self.task.to_json(value) if self.task.label_says_all else value

    def _value(self, answer: dict[str, Any], seen: Seen, key: str) -> dict[str, Any]:
        value, told = value_of_results(answer.get("result"), self.shape, seen)
        return {**told, key: self._as_file(value)}

    def _predicted(self, task: dict[str, Any], seen: Seen, key: str) -> dict[str, Any]:
        predictions = _said_by_models(task)
        if not isinstance(predictions, list) or not predictions or not isinstance(predictions[0], dict):
            raise Invalid("there is no prediction")
        return {**self._value(predictions[0], seen, key), _SCORE: predictions[0].get("score")}

    def _votes(self, entry: Record, seen: Seen) -> Iterator[dict[str, Any] | RejectedRow]:
        for annotation in _annotations(entry.value):
            try:
                yield self._vote(annotation, seen)
            except Invalid as error:
                yield RejectedRow(entry.number, "annotations", error.message, str(annotation.get("id", ""))[:SHOWN])

    def _vote(self, annotation: dict[str, Any], seen: Seen) -> dict[str, Any]:
        who = _person(annotation.get("completed_by")) or self.options.annotator
        if not who:
            raise Invalid("nothing says who answered (completed_by)")
        told = {"seconds": annotation.get("lead_time"), "created_at": annotation.get("created_at")}
        if annotation.get("was_cancelled"):
            return {"annotator": who, SKIP: "", **told}
        value, others = value_of_results(annotation.get("result"), self.shape, seen)
        unused = [(_UNASKED, sum(others[OTHER].values()))] if OTHER in others else []
        return {"annotator": who, "value": value, "left_out": unused, **told}


def _said_by_models(task: dict[str, Any]) -> Any:
    """Return what models predicted, without the label that our own export puts among it."""
    predictions = task.get("predictions")
    if not isinstance(predictions, list):
        return predictions
    return [one for one in predictions if not isinstance(one, dict) or one.get("model_version") != GIVEN]


def _annotations(task: dict[str, Any]) -> list[dict[str, Any]]:
    found = task.get("annotations", task.get("completions")) or []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Invalid("the annotations of a task must be a list of objects")
    return found


def _person(given: Any) -> str:
    """Return who answered: the address where it is told, else a name made of the number; "" when nothing is told."""
    if isinstance(given, dict):
        email = given.get("email")
        given = email if isinstance(email, str) and email else given.get("id")
    if isinstance(given, int) and not isinstance(given, bool):
        return f"Label Studio user {given}"
    return given.strip() if isinstance(given, str) else ""


def _name(address: str) -> str:
    """Return the part of an image's address that can be a file's name."""
    if not (address.startswith("/") or "://" in address[:20]):
        return address
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    local = parse_qs(parts.query).get("d", [""])[0] if parts.path.endswith("/local-files/") else ""
    return local or unquote(parts.path).strip("/") or address


def _by_address(find: Callable[[str], ImageLoader]) -> Callable[[str], ImageLoader]:
    """Return a search that also knows what Label Studio puts in front of the name of an uploaded file."""

    def found(name: str) -> ImageLoader:
        try:
            return find(name)
        except Invalid:
            path = PurePosixPath(name)
            if not _UPLOADED.match(path.name):
                raise
            return find(path.name[9:])

    return found


def sign(glimpse: Glimpse) -> Sign | None:
    """Know tasks by their "data", in a list or with answers beside it."""
    text = glimpse.text
    if (text[:1] in {"[", "{"} and all(f'"{mark}"' in text for mark in flat.MARKS)) or flat.is_flat_header(text):
        return Sign(Certainty.SURE, Message("has a row for each annotation, as Label Studio's JSON_MIN and CSV do."))
    known = text[:1] in {"[", "{"} and _TASK.search(text) and (_ANSWERS.search(text) or text.startswith("["))
    return Sign(Certainty.SURE, Message('has tasks with "data", as Label Studio does.')) if known else None


READER = Reader(
    "label_studio", "Label Studio", (".json", ".csv", ".zip"), columns, read, answers=True, sign=sign, in_sets=True
)
