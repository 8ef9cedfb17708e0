"""Datasets of pictures for tests: named files in a ZIP in memory, and what a reader makes of them."""

import io
import json
import zipfile
from typing import Any

from PIL import Image

from labeler.exchange.formats.registry import READERS
from labeler.exchange.rows import RejectedRow, Row
from labeler.exchange.sources import ReadOptions, Source

CLASSES = ("cat", "dog")


def picture(width: int = 100, height: int = 50, orientation: int = 1) -> bytes:
    """Return a JPEG whose stored pixels are width x height; orientation: as EXIF says it."""
    buffer = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.new("RGB", (width, height), "white").save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()


def zipped(files: dict[str, bytes | str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def read_set(name: str, files: dict[str, bytes | str], task: str = "boxes", **options: Any) -> list[Row | RejectedRow]:
    told = ReadOptions(media="image", task=task, classes=CLASSES, **options)
    return list(READERS[name].read(Source.sent(io.BytesIO(zipped(files)), "set.zip"), told))


def good(entries: list[Row | RejectedRow]) -> list[Row]:
    return [entry for entry in entries if isinstance(entry, Row)]


def bad(entries: list[Row | RejectedRow]) -> list[str]:
    return [entry.reason for entry in entries if isinstance(entry, RejectedRow)]


def coco(images: list[Any], annotations: list[Any], **others: Any) -> str:
    categories = [{"id": 7, "name": "cat"}, {"id": 90, "name": "dog"}]
    return json.dumps({"images": images, "annotations": annotations, "categories": categories, **others})


def image(number: int = 1, name: str = "a.jpg", **others: Any) -> dict[str, Any]:
    return {"id": number, "file_name": name, "width": 100, "height": 50, **others}


def annotation(number: int = 1, picture_id: int = 1, **others: Any) -> dict[str, Any]:
    return {"id": number, "image_id": picture_id, "category_id": 7, "bbox": [10, 5, 20, 10], "iscrowd": 0, **others}
