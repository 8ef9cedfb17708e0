"""Which column is the text or the picture and which is the label: what was asked for, the usual names, or a look.

A look decides only where one column alone can be meant; else an error lists the columns, since a wrong guess would
cost minutes and give a report about nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from labeler.errors import Invalid
from labeler.exchange.parsing.column_names import USUAL_NAMES
from labeler.exchange.parsing.imagefolder import IMAGE_SUFFIXES

Sample = Mapping[str, Sequence[str]]
"""The first values of each column."""

MOST_CLASSES = 50  # that a guessed label column may have
SHORT, LONG = 40, 12  # characters, at most on average in a label and at least in a text
MOSTLY = 0.9


@dataclass(frozen=True)
class Chosen:
    """The columns of an audit; content: the text or the picture."""

    media: Literal["text", "image"]
    content: str
    label: str


def choose(
    names: Sequence[str], source: str, *, text: str, image: str, label: str, look: Callable[[], Sample]
) -> Chosen:
    """Choose the columns; raises Invalid, listing them, where they must be named. text, image, label: asked, or ""."""
    for asked in (text, image, label):
        if asked and asked not in names:
            raise Invalid(
                '{source} has no column "{asked}". Its columns: {columns}.',
                field="columns",
                source=source,
                asked=asked,
                columns=_listed(names),
            )
    if text and image:
        raise Invalid("Say either --text or --image: one report is about texts or about pictures.", field="columns")
    label = label or _label(names, source, {text, image}, look)
    if text or image:
        return Chosen("image" if image else "text", text or image, label)
    texts, images = _texts(names, label, look), _images(look(), label)
    if texts and images:
        raise Invalid(
            "Both texts ({text}) and pictures ({image}) could be audited. Say --text {text} or --image {image}.",
            field="columns",
            text=texts[0],
            image=images[0],
        )
    if len(texts) + len(images) != 1:
        raise Invalid(
            "It is not clear which column of {source} holds the texts or pictures. Say --text COL or --image COL. "
            "Its columns: {columns}.",
            field="columns",
            source=source,
            columns=_listed(names),
        )
    return Chosen("image" if images else "text", (texts or images)[0], label)


def _label(names: Sequence[str], source: str, taken: set[str], look: Callable[[], Sample]) -> str:
    usual = [name for name in _usual("label", names) if name not in taken]
    found = usual[:1] or [
        name for name, values in look().items() if name not in taken and _are_labels([one for one in values if one])
    ]
    if len(found) == 1:
        return found[0]
    raise Invalid(
        "It is not clear which column of {source} is the label. Say --label COL. Its columns: {columns}.",
        field="columns",
        source=source,
        columns=_listed(names),
    )


def _texts(names: Sequence[str], label: str, look: Callable[[], Sample]) -> list[str]:
    usual = [name for name in _usual("text", names) if name != label][:1]
    return usual or [name for name, values in look().items() if name != label and _are_texts(values)]


def _images(sample: Sample, label: str) -> list[str]:
    """Return the columns that name image files, one of the usual names first."""
    found = [name for name, values in sample.items() if name != label and _are_images(values)]
    return _usual("image", found)[:1] or found


def _usual(part: str, names: Sequence[str]) -> list[str]:
    by_lower = {name.strip().casefold(): name for name in reversed(names)}
    return [by_lower[usual] for usual in USUAL_NAMES[part] if usual in by_lower]


def _are_labels(values: Sequence[str]) -> bool:
    kinds = set(values)
    few = 1 < len(kinds) <= max(2, min(MOST_CLASSES, len(values) // 4))
    return few and sum(map(len, values)) <= SHORT * len(values) and not all(map(_is_fraction, kinds))


def _are_texts(values: Sequence[str]) -> bool:
    said = [value for value in values if value]
    if not said or _are_images(values):
        return False
    spaced = sum(" " in value.strip() for value in said) * 2 >= len(said)
    return spaced and sum(map(len, said)) >= LONG * len(said) and len(set(said)) * 2 >= len(said)


def _are_images(values: Sequence[str]) -> bool:
    said = [value for value in values if value]
    named = sum(
        value.startswith("data:image/") or PurePosixPath(value[-300:]).suffix.lower() in IMAGE_SUFFIXES
        for value in said
    )
    return bool(said) and named >= MOSTLY * len(said)


def _is_fraction(value: str) -> bool:
    try:
        return not float(value).is_integer()
    except (ValueError, OverflowError):
        return False


def _listed(names: Sequence[str]) -> str:
    most = 30
    return ", ".join(names[:most]) + (" …" if len(names) > most else "")
