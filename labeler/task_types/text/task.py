"""Free text: transcription, translation, caption, correction. An answer is a text of its own; there are no classes.

Two answers are the same if their normal forms are (normal.py). So the code is the identity of that form, and what is
kept beside it is the text as it was typed.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from labeler.errors import Invalid
from labeler.messages import Message
from labeler.task_types.base import (
    CodeIs,
    Content,
    Decided,
    Example,
    Find,
    Setting,
    TaskConfig,
    TaskType,
    Units,
    Value,
    Words,
    fields_of,
    identity,
)
from labeler.task_types.text.label_studio import TextAreas
from labeler.task_types.text.normal import LONGEST, kept, normal, within

if TYPE_CHECKING:
    from labeler.task_types.text.agreement import TextAgreement
    from labeler.task_types.text.diff import Diff

SAID = 60  # characters of a text in lists and tables
_ENTER_SUBMITS = Message("Enter submits instead of a new line.")
_NO_LEAST = Message("With 0 an item may have nothing to write.")
_NO_MOST = Message("With 0 it is {most:,}.", most=LONGEST)
WHOLE = '{"text"'  # how a value begins where the text alone would not do
NOT_SAID = frozenset(("nan", "na", "n/a", "null", "none", "nat"))  # how tables spell that nothing is said
LABELS = frozenset(("label", "given_label"))  # as the column to start from: the existing label


class Text(TaskType):
    """{"text": "…"}; the empty text is an answer where the project allows it: there is nothing to write."""

    name = "text"
    title: str = Message("Free text")
    words = Words(
        choice=Message("Free text: transcription, translation, caption, correction"),
        question=Message("Write the text."),
        compared=Message("Two texts are the same where only white space differs; one other letter makes them unlike."),
    )
    media = frozenset({"text", "image"})
    judged_by = "strings"
    shape = "text"
    max_classes = least_classes = 0
    keeps_value = True
    by_units = False  # a text is one of those that were written: the nearest to all
    exact = False
    on_item = True
    has_target = False
    columns_first = ("transcription", "transcript", "translation", "caption", "correction", "reference")
    label_studio = TextAreas()
    settings = (
        Setting(
            "start_column",
            Message("Column of the text to start from"),
            Message("Annotators then correct it instead of writing from nothing. “label” is the existing label."),
            "text",
            100,
        ),
        Setting("min_length", Message("Fewest characters"), _NO_LEAST, "number", LONGEST, default=0),
        Setting("max_length", Message("Most characters"), _NO_MOST, "number", LONGEST, default=0),
        Setting("one_line", Message("One line"), _ENTER_SUBMITS, "switch", default=False),
    )
    example = Example(
        config=TaskConfig(classes=()),
        content=Content(text="Guten Tag"),
        value={"text": "Good day"},
        garbage=(
            None,
            [],
            {},
            "Good day",
            {"text": None},
            {"text": 1},
            {"text": ["Good day"]},
            {"text": "Good day", "begun": True},
            {"text": "Good\0day"},
            {"text": "Good \ud800 day"},
            {"text": "x" * 10_001},
        ),
    )

    def check_settings(self, settings: Mapping[str, Any]) -> None:
        """Refuse limits that no text can keep."""
        least, most = (int(settings.get(name) or 0) for name in ("min_length", "max_length"))
        if least > (most or LONGEST):
            raise Invalid(
                "No text has at least {least:,} and at most {most:,} characters.",
                field="max_length",
                least=least,
                most=most or LONGEST,
            )

    def check_value(self, value: Any, config: TaskConfig, content: Content) -> Value:
        """Accept {"text": text}, as typed, of an allowed length; lines end with a line feed in what is returned."""
        del content
        text = fields_of(value, frozenset({"text"}))["text"]
        if not isinstance(text, str):
            raise Invalid("This must be a text.", field="text")
        limits = {name: int(config.settings.get(f"{name}_length") or 0) for name in ("min", "max")}
        return {"text": within(kept(text), shortest=limits["min"], longest=limits["max"])}

    def start(self, metadata: Mapping[str, Any], given: Value | None, settings: Mapping[str, Any]) -> Value | None:
        """Return what stands in the column that the project names, or the existing label."""
        column = settings.get("start_column") or ""
        if column not in metadata and column in LABELS:
            return given
        found = metadata.get(column)
        return {"text": found} if isinstance(found, str) else None

    def text(self, value: Value) -> str:
        """Return the beginning of the text on one line, or a dash for none."""
        line = normal(value["text"])
        return (line[:SAID] + "…" if len(line) > SAID else line) or "\N{EN DASH}"

    def plain(self, value: Value) -> str:
        """Return the text."""
        return str(value["text"])

    def code(self, value: Value, codes: Mapping[str, str]) -> str:
        """Return an identity that neither white space nor the Unicode form changes."""
        del codes
        return identity(normal(value["text"]))

    def stored(self, value: Value, codes: Mapping[str, str]) -> Value:
        """Return the text as it was typed."""
        del codes
        return value

    def shown(self, code: str, kept: Value | None, names: Mapping[str, str]) -> Value | None:
        """Return the text."""
        del code, names
        return kept or None

    def labels_in(self, value: Value) -> set[str]:
        """Return none: a text names no class."""
        del value
        return set()

    def merged(self, value: Value, gone: str, into: str) -> Value:
        """Return the text."""
        del gone, into
        return value

    def finder(self, wanted: str, codes: Sequence[str]) -> Find:
        """Return what is never found: there are no classes."""
        del codes
        return CodeIs(wanted)

    def units(self, answers: Mapping[str, Value], config: TaskConfig, content: Content) -> Units:
        """Return one unit, in which people have the same label who wrote the same."""
        del config, content
        forms = {who: normal(value["text"]) for who, value in answers.items()}
        numbers = {form: number for number, form in enumerate(sorted(set(forms.values())))}
        return {"text": {who: numbers[form] for who, form in forms.items()}}

    def decide(self, answers: Mapping[str, Value], config: TaskConfig, content: Content) -> Decided:
        """Return the answer that is nearest to all others."""
        from labeler.task_types.text.consensus import nearest

        del config, content
        chosen = nearest([value["text"] for value in answers.values()])
        return Decided(None if chosen.text is None else {"text": chosen.text}, chosen.confidence, chosen.differ)

    def patterns(
        self, codes: Sequence[str], answers: Mapping[str, Value], config: TaskConfig, content: Content
    ) -> Counter[str]:
        """Return how far the answers to the item agree, so that no text is read again."""
        from labeler.task_types.text.agreement import pattern

        del codes, config, content
        return Counter([pattern([value["text"] for value in answers.values()])])

    def agreement(self, patterns: Mapping[str, int], codes: Sequence[str]) -> TextAgreement:
        """Return agreement over characters, over words, and exactly."""
        from labeler.task_types.text.agreement import text_agreement

        del codes
        return text_agreement(patterns)

    def differences(self, older: str, newer: str) -> Diff:
        """Return what differs between two texts, for vote.html."""
        from labeler.task_types.text.diff import differences

        return differences(older, newer)

    def spelled(self, given: Any) -> str:
        """Take a text, alone in a list as well."""
        if isinstance(given, list) and len(given) == 1:
            (given,) = given
        if not isinstance(given, str):
            raise Invalid("one text is expected", field="label")
        return given

    def from_cell(self, cell: str, classes: Sequence[str], decode: Callable[[str], Any]) -> Any:
        """Return the cell, or the value that it spells as JSON."""
        del classes
        if cell.startswith(WHOLE):
            with suppress(ValueError, RecursionError):
                return decode(cell)
        return cell

    def to_cell(self, value: Value, classes: Sequence[str]) -> str:
        """Return the text, or the value as JSON where a table would read something else out of the text."""
        del classes
        said = self.to_json(value)
        return said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)

    def to_json(self, value: Value) -> Any:
        """Return the text, or the value where that could be read as no label, or without the blanks around it."""
        text = value["text"]
        doubtful = not text or text != text.strip() or text.startswith(WHOLE) or text.strip("-<>#").lower() in NOT_SAID
        return value if doubtful else text
