"""YOLO as it goes out: a ZIP of label files, `data.yaml`, a table of the pictures they belong to, and a report.

Numbers are shares of the picture with six decimals, so that a side comes back within a millionth of the picture's. The
part of the split that was chosen decides the folder, else the split of an item's metadata, else it is `train`.

Note: an item nobody labeled gets no file and one where nothing is to be seen gets an empty
one, but YOLO takes both for background; the report counts the first. Labels go by the name of the picture without its
ending, so where two pictures share one, the later is renamed, and `pictures.csv` says which item is which.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from labeler.exchange.formats.base import ExportContext, Writer
from labeler.exchange.formats.yolo.names import as_yaml
from labeler.exchange.parsing.coordinates import MEASURED
from labeler.exchange.parsing.dataset_files import SPLITS
from labeler.exchange.parsing.spreadsheet import neutralise
from labeler.exchange.rows import ExportRow
from labeler.exchange.writing.chunks import chunks
from labeler.exchange.writing.originals import original
from labeler.exchange.writing.parts import split_of
from labeler.exchange.writing.picture_names import PictureNames
from labeler.exchange.writing.zip_stream import ZipStream
from labeler.messages import Message

UNLABELED = Message("The item has no label; YOLO takes it for a picture with nothing in it.")
UNMEASURED = Message("The size of the picture is not known, so its label could not be written.")


def write(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
    """Yield a ZIP."""
    archive = ZipStream(context.exported_at)
    numbers = {name: number for number, name in enumerate(context.classes)}
    names = PictureNames(context.report, by_stem=True)
    splits: set[str] = set()
    picture = context.picture if context.pictures else None
    table = io.StringIO(newline="")
    pictures = csv.writer(table)
    pictures.writerow(("item", "external_id", "image", "picture", "width", "height"))
    for chunk in chunks(rows, context.report):
        for row in chunk:
            split = _split(row)
            splits.add(split)
            name = names.name(row, split)
            shown = (neutralise(row.external_id), neutralise(row.image), f"images/{split}/{name}")
            pictures.writerow((row.item, *shown, row.width, row.height))
            lines = _lines(row, numbers, context)
            if lines is not None:
                archive.add(f"labels/{split}/{PurePosixPath(name).with_suffix('.txt')}", lines)
            if data := original(row, picture, context.report):
                archive.add_packed(f"images/{split}/{name}", data)
                yield archive.take()
        yield archive.take() or b""
    archive.add("pictures.csv", table.getvalue())
    archive.add("data.yaml", _data(splits, context))
    archive.add("report.txt", "\n".join((*context.report.lines(), *WRITER.loses(context), "")))
    yield archive.close()


def _split(row: ExportRow) -> str:
    stated = split_of(row)
    return stated if stated.lower() in SPLITS else "train"


def _lines(row: ExportRow, numbers: dict[str, int], context: ExportContext) -> str | None:
    value = row.final_value
    if value is None:
        context.report.lose(UNLABELED, row.item)
        return None
    if not row.width or not row.height:
        context.report.lose(UNMEASURED, row.item)
        return None
    wide, high = row.width, row.height
    lines = [
        _line(numbers[box["label"]], _middle(box["x"], box["width"], wide), _middle(box["y"], box["height"], high))
        for box in value.get("boxes", ())
    ]
    for one in value.get("polygons", ()):
        corners = " ".join(f"{x / wide:.6f} {y / high:.6f}" for x, y in one["points"])
        lines.append(f"{numbers[one['label']]} {corners}\n")
    return "".join(lines)


def _middle(start: float, length: float, whole: int) -> tuple[float, float]:
    return (start + length / 2) / whole, max(length / whole, 1e-6)  # six decimals must not make it nothing


def _line(number: int, across: tuple[float, float], down: tuple[float, float]) -> str:
    return f"{number} {across[0]:.6f} {down[0]:.6f} {across[1]:.6f} {down[1]:.6f}\n"


def _data(splits: set[str], context: ExportContext) -> str:
    """Return data.yaml. Training needs a folder to validate on; without one it is the training's own.

    It has no `path`: without one the folders are looked for beside the file; with `.` where the program was started.
    """
    known = {"train": ("train", "training"), "val": ("val", "valid", "validation", "dev"), "test": ("test", "testing")}
    found = {
        kind: next((split for split in sorted(splits) if split.lower() in aliases), None)
        for kind, aliases in known.items()
    }
    train = found["train"] or found["val"] or "train"
    lines = [f"train: images/{train}", f"val: images/{found['val'] or train}"]
    if found["test"]:
        lines.append(f"test: images/{found['test']}")
    lines.append("names:")
    lines.extend(f"  {number}: {as_yaml(name)}" for number, name in enumerate(context.classes))
    return "\n".join(lines) + "\n"


WRITER = Writer(
    "yolo",
    "YOLO (Ultralytics)",
    ".zip",
    "application/zip",
    (
        Message("Only final labels go out: no votes, no consensus, no flags, no scores, no metadata but the split."),
        Message("Numbers have six decimals: a side is right to a millionth of the picture's."),
        Message("An item without a label and one where nothing is to be seen are both background."),
    ),
    write,
    MEASURED,
    frozenset({"image"}),
    archive=True,
    counts=True,
    outside=Message("Pictures are named, not contained: put them where pictures.csv says."),
    opens="yolo train model=yolo11n.pt data={path}/data.yaml",
)
