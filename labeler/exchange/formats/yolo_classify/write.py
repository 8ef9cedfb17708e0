"""YOLO for classes of pictures as it goes out: a ZIP of the pictures themselves, in the folders of their classes."""

from collections.abc import Iterable, Iterator

from labeler.exchange.formats.base import ExportContext, Writer
from labeler.exchange.rows import ExportRow
from labeler.exchange.writing.class_folders import ClassFolders
from labeler.messages import Message


def write(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
    """Yield a ZIP."""
    out = ClassFolders(context.classes, context.exported_at, context.report, context.picture)
    yield from out.add_all(rows)
    for split in sorted(out.splits | {"train"}):
        for folder in out.folders.values():
            out.archive.add_folder(f"{split}/{folder}")
    yield out.close(WRITER.losses)


WRITER = Writer(
    "yolo_classify",
    Message("YOLO for classes (with pictures)"),
    ".zip",
    "application/zip",
    (
        Message("Only final labels go out: no votes, no consensus, no flags, no scores, no metadata but the split."),
        Message("Programs number the classes in the alphabetical order of their folders, not in the project's."),
        Message(
            "Training needs a folder val; there is one where the items are split, or their metadata say split: val."
        ),
    ),
    write,
    frozenset({"label"}),
    frozenset({"image"}),
    archive=True,
    counts=True,
    opens="yolo classify train model=yolo11n-cls.pt data={path}",
)
