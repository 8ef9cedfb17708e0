"""What there is beside the labels and a format does not hold: skips with their reasons, "not sure", soft labels.

Every writer that keeps less than all of it counts what it loses, item by item, in the report of the export.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from labeler.exchange.formats.base import KEEPS, ExportContext, Writer
from labeler.exchange.rows import ExportRow
from labeler.messages import Message

SKIPS = Message("Somebody skipped the item; the skip, its reason and its comment are left out.")
REASONS = Message("Somebody skipped the item; the reason and the comment of the skip are left out.")
UNSURE = Message("An answer is marked as unsure; the mark is left out.")
SOFT = Message("The shares of several classes of an ambiguous item; it goes out without a label.")


def counting(writer: Writer) -> Writer:
    """Return a writer that also counts what it does not hold of what there is beside the labels."""
    if writer.keeps == KEEPS:
        return writer

    def write(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
        return writer.write(_counted(rows, context, writer.keeps), context)

    packed = counting(writer.packed) if writer.packed else None
    return replace(writer, write=write, counts=True, packed=packed)


def _counted(rows: Iterable[ExportRow], context: ExportContext, keeps: frozenset[str]) -> Iterator[ExportRow]:
    report = context.report
    for row in rows:
        if row.skips and "skips" not in keeps:
            report.lose(SKIPS, row.item, len(row.skips))
        elif row.skips and "reasons" not in keeps:
            report.lose(REASONS, row.item, len(row.skips))
        if row.soft_label and row.final_label is None and "soft" not in keeps:
            report.lose(SOFT, row.item)
        if "unsure" not in keeps:
            for vote in row.votes:
                if vote[6]:  # by place: it is asked of every answer of an export
                    report.lose(UNSURE, row.item)
        yield row
