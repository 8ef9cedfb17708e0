"""What every format asks of a row before it lets it through: not empty, not endless, an image that can be reached."""

from labeler.errors import Invalid
from labeler.exchange.parsing.column_names import Columns
from labeler.exchange.parsing.image_files import find_image
from labeler.exchange.rows import SHOWN, RejectedRow, Row
from labeler.exchange.sources import BARE, ImageLoader, ReadOptions, Source, Wants
from labeler.messages import Message

TOLD_BY_LABELS: frozenset[Wants] = BARE | {"annotations", "predictions"}
"""What a file can be imported as that says only which label an item has."""
SAY_WHO = Message(
    "Say whose answers they are (--annotator, or its field on the import page), or import them as labels or "
    "predictions."
)
Parts = tuple[str | None, str | None, str | None]
"""External id, text, label."""


def check_items(source: Source, options: ReadOptions) -> None:
    """Raise Invalid where answers are asked of a format that cannot say who gave them, and nobody else says it."""
    if options.wants == "annotations" and not options.annotator:
        raise Invalid("{name} does not say who answered. {advice}", field="file", name=source.name, advice=SAY_WHO)
    if options.wants not in TOLD_BY_LABELS:
        raise Invalid("{name} does not say who or what answered; import it as items.", field="file", name=source.name)


def refusal(number: int, columns: Columns, options: ReadOptions, parts: Parts) -> RejectedRow | None:
    """Return why the row is left out, or None when it is fine."""
    external_id, text, label = parts
    limits = options.limits
    if text is not None:
        if len(text) > limits.text_characters:
            return _too_long(number, columns.text, text, limits.text_characters)
        if (not text or text.isspace()) and options.wants == "items":
            shown = " ".join(part for part in (external_id, label) if part)
            return RejectedRow(number, columns.content, Message("the text is empty"), shown[:SHOWN])
    if external_id and len(external_id) > limits.id_characters:
        return _too_long(number, columns.id, external_id, limits.id_characters)
    if label and len(label) > limits.label_characters:
        return _too_long(number, columns.label, label, limits.label_characters)
    return None


def with_image(row: Row, value: str, columns: Columns, source: Source, options: ReadOptions) -> Row | RejectedRow:
    """Return the row with its image, by file name or base64, or why it cannot be reached.

    Answers name their item and need no image; where one is found, the item is the one of that image.
    """
    if options.wants != "items":
        return row._replace(name=value or None, image=_found(value, source))
    if not value:
        return RejectedRow(row.number, columns.content, Message("no image is named"), row.external_id or "")
    try:
        image, name = find_image(value, source, options.limits.image_bytes)
    except Invalid as error:
        return RejectedRow(row.number, columns.content, error.message, value[:SHOWN])
    return row._replace(image=image, name=name)


def _found(value: str, source: Source) -> ImageLoader | None:
    try:
        return source.find(value) if value and source.find is not None else None
    except Invalid:
        return None  # the row may name its item in another way


def _too_long(number: int, column: str | None, value: str, most: int) -> RejectedRow:
    return RejectedRow(number, column or "", Message("longer than {most:,} characters", most=most), value[:SHOWN])
