"""Programs of others that read what goes out: the one from each format's own world, and what it finds.

A function gets the export, unpacked where it is an archive, and returns the classes of each item in the order of the
items, as the other program says them. `test_outside.py` compares them with what went out; `formats_table.py` prints who
read what.
"""

import csv
import importlib
import io
import json
import zipfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from labeler.exchange.formats.base import ExportContext
from labeler.exchange.formats.registry import WRITERS
from labeler.exchange.rows import ExportRow
from labeler.exchange.writing.report import Report
from labeler.task_types.registry import task_type
from tests.hostile_archives import picture

CLASSES = ("cat", "dog")
SIZE = (40, 30)
Found = list[list[str]]


class Export(NamedTuple):
    """What went out. path: the file, or the folder it was unpacked to, with the pictures; task: what was asked."""

    path: Path
    task: str


class Outside(NamedTuple):
    """A program of others. name: as people know it; module: what has to be installed; read: what it finds."""

    name: str
    module: str
    read: Callable[[Export], Found]


def values_of(task: str) -> list[dict[str, Any]]:
    """Return three answers, with more and less in them, to items of a task."""
    square, far = [[2, 2], [12, 2], [12, 12], [2, 12]], [[20, 15], [35, 15], [35, 28]]
    box = {"x": 2, "y": 3, "width": 10, "height": 8}
    found: dict[str, list[dict[str, Any]]] = {
        "label": [{"label": "cat"}, {"label": "dog"}, {"label": "cat"}],
        "labels": [{"labels": ["cat", "dog"]}, {"labels": ["dog"]}, {"labels": ["cat"]}],
        "boxes": [{"boxes": [{"label": "cat", **box}, {"label": "dog", **box, "x": 25}]}, {"boxes": []}],
        "polygons": [
            {"polygons": [{"label": "cat", "points": square}, {"label": "dog", "points": far}]},
            {"polygons": [{"label": "dog", "points": far}]},
        ],
        "spans": [
            {"spans": [{"label": "cat", "start": 0, "end": 3}, {"label": "dog", "start": 8, "end": 11}]},
            {"spans": [{"label": "dog", "start": 8, "end": 11}]},
        ],
        "text": [{"text": "one"}, {"text": "two, 2"}, {"text": "three"}],
    }
    return found[task_type(task).shape]


def expected(task: str) -> Found:
    """Return the classes of each item, or what is said of it."""
    return [_classes(value) for value in values_of(task)]


def _classes(value: dict[str, Any]) -> list[str]:
    ((shape, said),) = value.items()
    if isinstance(said, str):
        return [said]
    return sorted(said) if shape == "labels" else sorted(part["label"] for part in said)


def exported(name: str, task: str, media: str, folder: Path) -> Export:
    """Write an export into a folder, unpacked where it is an archive, with pictures where it names them."""
    rows = [_row(number, value, media) for number, value in enumerate(values_of(task), 1)]
    context = ExportContext("p", "P", media, task, CLASSES, "2026-02-03T10:00:00+00:00")
    context = replace(context, report=Report(), picture=lambda _hash: picture(size=SIZE))
    data = b"".join(WRITERS[name].write(rows, context))
    for row in rows:
        if media == "image" and "images" not in WRITERS[name].title:
            place = folder / "images" / "train" / str(row.image)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(picture(size=SIZE))
    if WRITERS[name].suffix == ".zip":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            archive.extractall(folder)
        return Export(folder, task)
    path = folder / f"export{WRITERS[name].suffix}"
    path.write_bytes(data)
    return Export(path, task)


def _row(number: int, value: dict[str, Any], media: str) -> ExportRow:
    text, image = ("Ada met IBM", None) if media == "text" else (None, f"{number}.png")
    label = value.get("label", "words")
    row = ExportRow(number, f"i{number}", text, image, media, label, label, label, "given", None)
    kept = None if "label" in value else value
    size: dict[str, Any] = {"width": SIZE[0], "height": SIZE[1]} if media == "image" else {}
    return row._replace(given_value=kept, consensus_value=kept, final_value=kept, content_hash=str(number), **size)


def _said(label: Any, value: Any) -> list[str]:
    """Return the classes of an item by what stands in its columns."""
    if isinstance(value, str):
        value = json.loads(value)
    if isinstance(value, dict):
        return _classes(value)
    if isinstance(label, list):
        return sorted(label)
    return sorted(str(label).split("|"))


# -- the programs -----------------------------------------------------------------------------------------------------


def _pandas_table(export: Export) -> Found:
    pandas: Any = importlib.import_module("pandas")
    frame = pandas.read_csv(export.path, sep="\t" if export.path.suffix == ".tsv" else ",")
    return _of_columns(frame.to_dict("records"))


def _pandas_lines(export: Export) -> Found:
    pandas: Any = importlib.import_module("pandas")
    return _of_columns(pandas.read_json(export.path, lines=True).to_dict("records"))


def _of_columns(records: Sequence[dict[Any, Any]]) -> Found:
    return [_said(row["final_label"], row.get("final_value")) for row in records]


def _openpyxl(export: Export) -> Found:
    import openpyxl

    header, *rows = openpyxl.load_workbook(export.path).active.iter_rows(values_only=True)
    return _of_columns([dict(zip(header, row, strict=True)) for row in rows])


def _pyarrow(export: Export) -> Found:
    from pyarrow import parquet

    table = parquet.read_table(export.path)
    rows = table.to_pylist()
    return _of_columns([{**row, "final_value": _plain(row.get("final_value"))} for row in rows])


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | None) else json.dumps(value)


def _datasets(export: Export) -> Found:
    import datasets

    found = datasets.load_dataset(str(export.path), cache_dir=str(export.path / "cache"), split="train")
    column = next(name for name in ("labels", "spans", "boxes", "polygons", "label") if name in found.features)
    return [_named(row[column]) for row in found]


def _named(said: Any) -> list[str]:
    if isinstance(said, str):
        return [said]
    numbers = said if isinstance(said, list) else [said]
    return sorted(CLASSES[one["label"] if isinstance(one, dict) else one] for one in numbers)


def _image_folder(export: Export) -> Found:
    import datasets

    found = datasets.load_dataset("imagefolder", data_dir=str(export.path), cache_dir=str(export.path / "cache"))[
        "train"
    ]
    names = found.features["label"].names
    shown = {Path(row["image"].filename or "").name: names[row["label"]] for row in found}
    return [[shown[name]] for name in sorted(shown)]


def _pycocotools(export: Export) -> Found:
    from pycocotools.coco import COCO

    coco = COCO(str(export.path))
    for annotation in coco.anns.values():
        assert coco.annToMask(annotation).any()
    names = {number: one["name"] for number, one in coco.cats.items()}
    return [sorted(names[one["category_id"]] for one in coco.imgToAnns[image]) for image in sorted(coco.imgs)]


def _globox_yolo(export: Export) -> Found:
    import globox

    names = dict(enumerate(CLASSES))
    folder, pictures = export.path / "labels" / "train", export.path / "images" / "train"
    found = globox.AnnotationSet.from_yolo_v5(folder, image_folder=pictures, image_extension=".png")
    return [sorted(names[int(box.label)] for box in found[name].boxes) for name in sorted(found.image_ids)]


def _globox_voc(export: Export) -> Found:
    import globox

    sheets = sorted((export.path / "Annotations").glob("*.xml"))
    return [sorted(str(box.label) for box in globox.Annotation.from_pascal_voc(sheet).boxes) for sheet in sheets]


def _pillow(export: Export) -> Found:
    import numpy as np
    from PIL import Image

    with (export.path / "classes.csv").open(newline="", encoding="utf-8") as file:
        names = {int(row["number"]): row["class"] for row in csv.DictReader(file)}
    masks = sorted((export.path / "masks").glob("*.png"))
    return [
        sorted(names[int(number)] for number in np.unique(np.asarray(Image.open(mask))) if number) for mask in masks
    ]


def _nltk(export: Export) -> Found:
    from nltk.chunk.util import conllstr2tree

    found = []
    for sentence in export.path.read_text(encoding="utf-8").split("\n\n")[1:]:
        lines = [line.split(" ") for line in sentence.splitlines()]
        if lines:
            tree = conllstr2tree("\n".join(" ".join((cells[0], cells[1], cells[3])) for cells in lines), CLASSES)
            found.append(sorted(str(one.label()) for one in tree if hasattr(one, "label")))
    return found


def _spacy_lines(export: Export) -> Found:
    import spacy
    from spacy.training import Example

    nlp, found = spacy.blank("en"), []
    for line in export.path.read_text(encoding="utf-8").splitlines():
        told = json.loads(line)
        known = {key: told[key] for key in ("entities", "cats") if key in told}
        example = Example.from_dict(nlp.make_doc(told["text"]), known)
        found.append(_of_document(example.reference))
    return found


def _spacy_files(export: Export) -> Found:
    import spacy
    from spacy.tokens import DocBin

    nlp, found = spacy.blank("en"), []
    for path in sorted(export.path.rglob("*.spacy")):
        found += [_of_document(doc) for doc in DocBin().from_disk(path).get_docs(nlp.vocab)]
    return found


def _of_document(doc: Any) -> list[str]:
    spans = [span.label_ for group in doc.spans.values() for span in group] or [span.label_ for span in doc.ents]
    return sorted(spans or [name for name, share in doc.cats.items() if share])


def _label_studio(export: Export) -> Found:
    from label_studio_sdk.converter import Converter

    control = {
        "label": "<Choices name='label' toName='{content}'>{choices}</Choices>",
        "labels": "<Choices name='label' toName='{content}' choice='multiple'>{choices}</Choices>",
        "boxes": "<RectangleLabels name='label' toName='{content}'>{labels}</RectangleLabels>",
        "polygons": "<PolygonLabels name='label' toName='{content}'>{labels}</PolygonLabels>",
        "spans": "<Labels name='label' toName='{content}'>{labels}</Labels>",
        "text": "<TextArea name='label' toName='{content}'/>",
    }[task_type(export.task).shape]
    content = "text" if "Ada met IBM" in export.path.read_text(encoding="utf-8") else "image"
    shown = "<Text name='text' value='$text'/>" if content == "text" else "<Image name='image' value='$image'/>"
    choices = "".join(f"<Choice value='{name}'/>" for name in CLASSES)
    labels = "".join(f"<Label value='{name}'/>" for name in CLASSES)
    config = f"<View>{shown}{control.format(content=content, choices=choices, labels=labels)}</View>"
    folder = export.path.parent / "short"
    tasks = json.loads(export.path.read_text(encoding="utf-8"))
    for task in tasks:
        task["annotations"] = [{"id": 1, "completed_by": 1, **task["predictions"][0]}]
    answered = export.path.with_name("answered.json")
    answered.write_text(json.dumps(tasks))
    Converter(config, str(folder), download_resources=False).convert_to_json_min(
        str(answered), str(folder), is_dir=False
    )
    (short,) = folder.glob("*.json")
    return [_of_control(row.get("label")) for row in json.loads(short.read_text())]


def _of_control(said: Any) -> list[str]:
    if isinstance(said, dict):
        return sorted(said["choices"])
    if not isinstance(said, list):
        return [] if said is None else [str(said)]
    kinds = ("rectanglelabels", "polygonlabels", "labels")
    return sorted(one[kind][0] for one in said for kind in kinds if kind in one)


def _cleanlab(export: Export) -> Found:
    found: dict[int, list[str]] = defaultdict(list)
    with export.path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for number, row in enumerate(rows):
        found[number] = [CLASSES[int(row["label"])]]
    return [found[number] for number in sorted(found)]


OUTSIDE: dict[str, Outside] = {
    "csv": Outside("pandas", "pandas", _pandas_table),
    "tsv": Outside("pandas", "pandas", _pandas_table),
    "xlsx": Outside("openpyxl", "openpyxl", _openpyxl),
    "jsonl": Outside("pandas", "pandas", _pandas_lines),
    "parquet": Outside("pyarrow", "pyarrow", _pyarrow),
    "huggingface": Outside("datasets", "datasets", _datasets),
    "label_studio": Outside("label-studio-sdk's converter", "label_studio_sdk", _label_studio),
    "coco": Outside("pycocotools", "pycocotools", _pycocotools),
    "coco_rle": Outside("pycocotools", "pycocotools", _pycocotools),
    "yolo": Outside("globox", "globox", _globox_yolo),
    "voc": Outside("globox", "globox", _globox_voc),
    "masks": Outside("Pillow", "PIL", _pillow),
    "imagefolder": Outside("datasets", "datasets", _image_folder),
    "yolo_classify": Outside("datasets", "datasets", _image_folder),
    "conll": Outside("NLTK", "nltk", _nltk),
    "spacy": Outside("spaCy", "spacy", _spacy_lines),
    "docbin": Outside("spaCy", "spacy", _spacy_files),
}
ONLY_FOR = {"yolo": {"boxes"}}
"""Tasks that a program reads, where it does not read all that the format holds."""
