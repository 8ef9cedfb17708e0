"""Pascal VOC as it goes out: a ZIP of XML files, lists of splits, a table of the pictures they belong to, and a report.

Note: `pose`, `truncated` and `difficult` are not asked here; those that an object came in with go out with it, and
readers that fail without them find the words that VOC has for "not said". Sides may have decimals, so that a box comes
back as it was; a box narrower than a pixel then ends before it begins, since VOC counts its last pixel in.
"""

import csv
import html
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from labeler.exchange.formats.base import ExportContext, Writer
from labeler.exchange.formats.voc.files import PICTURES, SHEETS
from labeler.exchange.parsing.coordinates import tidy
from labeler.exchange.parsing.dataset_files import SPLITS
from labeler.exchange.parsing.object_details import CHANGED, DETAILS, Detail, things_in
from labeler.exchange.parsing.spreadsheet import neutralise
from labeler.exchange.rows import ExportRow
from labeler.exchange.writing.chunks import chunks
from labeler.exchange.writing.originals import original
from labeler.exchange.writing.parts import split_of
from labeler.exchange.writing.picture_names import PictureNames
from labeler.exchange.writing.zip_stream import ZipStream
from labeler.messages import Message

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HELD = frozenset(("pose", "truncated", "difficult", "occluded"))
FURTHER = Message("What a file said of an object beside difficult, truncated, occluded and its pose is left out.")


def write(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
    """Yield a ZIP."""
    archive = ZipStream(context.exported_at)
    names = PictureNames(context.report, by_stem=True)
    splits: dict[str, list[str]] = defaultdict(list)
    picture = context.picture if context.pictures else None
    table = io.StringIO(newline="")
    pictures = csv.writer(table)
    pictures.writerow(("item", "external_id", "image", "picture", "width", "height"))
    for chunk in chunks(rows, context.report):
        for row in chunk:
            name = names.name(row)
            stem = str(PurePosixPath(name).with_suffix(""))
            splits[_split(row)].append(stem)
            shown = (neutralise(row.external_id), neutralise(row.image), f"{PICTURES}/{name}")
            pictures.writerow((row.item, *shown, row.width, row.height))
            if row.final_value is not None:
                archive.add(f"{SHEETS}/{stem}.xml", _sheet(row, name, row.final_value, context))
            if data := original(row, picture, context.report):
                archive.add_packed(f"{PICTURES}/{name}", data)
                yield archive.take()
        yield archive.take() or b""
    for split, stems in splits.items():
        archive.add(f"ImageSets/Main/{split}.txt", "".join(f"{stem}\n" for stem in stems))
    archive.add("pictures.csv", table.getvalue())
    archive.add("report.txt", "\n".join((*context.report.lines(), *WRITER.loses(context), "")))
    yield archive.close()


def _split(row: ExportRow) -> str:
    stated = split_of(row)
    return stated if stated.lower() in SPLITS else "train"


def _sheet(row: ExportRow, name: str, value: Mapping[str, Any], context: ExportContext) -> str:
    size = f"<size><width>{row.width}</width><height>{row.height}</height></size>" if row.width and row.height else ""
    things = things_in(value["boxes"], (row.given_value or {}).get("boxes", ()), (row.metadata or {}).get(DETAILS))
    if things.lost:
        context.report.lose(CHANGED, row.item, things.lost)
    if further := sum(1 for _, detail in things.found if detail.keys() - _HELD):
        context.report.lose(FURTHER, row.item, further)
    objects = "".join(_object(boxes[0], detail) for boxes, detail in things.found)
    head = f"<folder>{PICTURES}</folder><filename>{_escaped(name)}</filename>{size}<segmented>0</segmented>"
    return f"<annotation>\n{head}\n{objects}</annotation>\n"


def _object(box: Mapping[str, Any], detail: Detail) -> str:
    left, top = tidy(box["x"] + 1), tidy(box["y"] + 1)
    right, bottom = tidy(box["x"] + box["width"]), tidy(box["y"] + box["height"])
    sides = f"<xmin>{left}</xmin><ymin>{top}</ymin><xmax>{right}</xmax><ymax>{bottom}</ymax>"
    return f"<object><name>{_escaped(box['label'])}</name>{_marks(detail)}<bndbox>{sides}</bndbox></object>\n"


def _marks(detail: Detail) -> str:
    """Return the pose and the marks of an object: as it came in, else the words that VOC has for "not said"."""
    pose = _escaped(str(detail.get("pose", "Unspecified")))
    others = "".join(f"<{mark}>{int(bool(detail.get(mark)))}</{mark}>" for mark in ("truncated", "difficult"))
    return f"<pose>{pose}</pose>{others}{'<occluded>1</occluded>' if detail.get('occluded') else ''}"


def _escaped(text: str) -> str:
    return html.escape(_NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text), quote=False)


WRITER = Writer(
    "voc",
    "Pascal VOC",
    ".zip",
    "application/zip",
    (
        Message("Only final labels go out: no votes, no consensus, no flags, no scores, no metadata but the split."),
        Message("An item without a label has no XML file; one where nothing is to be seen has one without objects."),
        Message("Pose, truncated and difficult stand as Unspecified and 0 where no file said them."),
        Message("Sides keep their decimals; programs that expect whole pixels cut them off."),
    ),
    write,
    frozenset({"boxes"}),
    frozenset({"image"}),
    archive=True,
    outside=Message("Pictures are named, not contained: put them where pictures.csv says."),
    counts=True,
)
