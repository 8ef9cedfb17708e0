"""Formats of other tools that nobody here reads, called by their names, with what to ask those tools for instead.

Note: the signs are strict, as a file that is taken for one of these is refused. Whoever knows better names a format.
"""

import re
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import NamedTuple

from labeler.errors import Invalid
from labeler.exchange.formats.base import Glimpse
from labeler.exchange.parsing.imagefolder import is_image
from labeler.messages import Message

LOOKED_INTO = frozenset((".json", ".jsonl", ".ndjson", ".xml", ".xmi", ".csv", ".ann", ".txt", ".manifest"))
"""Endings of files in a set that may be one of these."""
_COCO = Message("Export it there as COCO or YOLO.")
_VOC = Message("Export it there as COCO, YOLO or Pascal VOC.")
_TEXTS = Message("Export it there as JSON Lines or CoNLL, or write a line of JSON for each text, with its spans.")


class Foreign(NamedTuple):
    """One format. title: as people call it; advice: what to do; knows: says whether a file is of it."""

    title: str
    advice: str
    knows: Callable[[Glimpse], object]


def _written(pattern: str) -> Callable[[Glimpse], object]:
    """Return what knows a file by something that is written in its beginning."""
    search = re.compile(pattern, re.MULTILINE | re.DOTALL).search
    return lambda glimpse: search(glimpse.text)


def _begins(*heads: str) -> Callable[[Glimpse], object]:
    """Return what knows a table by how its first line begins, whatever the case and the blanks."""
    wanted = tuple(head.casefold() for head in heads)
    return lambda glimpse: "".join(glimpse.text.partition("\n")[0].split()).casefold().startswith(wanted)


def _ends(*endings: str) -> Callable[[Glimpse], object]:
    return lambda glimpse: glimpse.ends_in(*endings)


_SUPERVISELY = r'"(?:classTitle|geometryType)"\s*:|"size"\s*:\s*\{[^{}]*"width"[^{}]*\}\s*,\s*"objects"\s*:'
_VIA = r'"_via_(?:settings|img_metadata)"\s*:|"shape_attributes"\s*:|"regions"\s*:\s*[\[{].{0,400}"file_attributes"\s*:'
_LABELBOX = r'"data_row"\s*:\s*\{|"DataRow ID"\s*:|"Labeled Data"\s*:|^[^{\n]*"?DataRow ID"?[,\t]'
_DARWIN = r'"schema_ref"\s*:\s*"[^"]*darwin|"(?:workview_url|image_thumbnail_url|team_slug)"\s*:'
_CREATE_ML = r'"annotations?"\s*:\s*\[\s*\{[^{}]*"coordinates"\s*:\s*\{'
_SUPER_ANNOTATE = r'"instances"\s*:\s*\[\s*\{[^\[\]]*"(?:className|classId|pointLabels)"\s*:'
_VERTEX = r'"(?:imageGcsUri|textGcsUri|boundingBoxAnnotations|textSegmentAnnotations|classificationAnnotations?)"\s*:'
_DATUMARO = r'"dm_format_version"\s*:|"categories"\s*:\s*\{\s*"label"\s*:\s*\{\s*"label'
_BRAT = r"\A(?:T\d+\t\S+ \d+ \d+[^\t\n]*\t|[REAM]\d+\t\S+ |\*\t\S+ T\d+|#\d+\tAnnotatorNotes )"
_KITTI = r"\A[A-Za-z_]+ -?\d+(?:\.\d+)? -?\d -?[\d.]+(?: -?\d+(?:\.\d+)?){11,12}\s*$"
_DOTA = r"\A(?:imagesource:|gsd:)|\A(?:-?\d+(?:\.\d+)? ){8}[A-Za-z][\w-]* [0-2]\s*$"

FOREIGN: tuple[Foreign, ...] = (
    Foreign("Supervisely JSON", _VOC, _written(_SUPERVISELY)),
    Foreign("VGG Image Annotator (VIA) JSON", Message("Export it there as COCO."), _written(_VIA)),
    Foreign(
        "VGG Image Annotator (VIA) CSV",
        Message("Export it there as COCO."),
        _begins("#filename,file_size,file_attributes", "filename,file_size,file_attributes,region_count"),
    ),
    Foreign("Labelbox JSON", Message("Make COCO or a table of it with its own tools."), _written(_LABELBOX)),
    Foreign("Darwin JSON (V7)", Message("Export it there as COCO or YOLO."), _written(_DARWIN)),
    Foreign(
        "TensorFlow Object Detection CSV, as Roboflow writes it",
        _VOC,
        _begins("filename,width,height,class,xmin,ymin,xmax,ymax"),
    ),
    Foreign("Create ML JSON", _VOC, _written(_CREATE_ML)),
    Foreign("SuperAnnotate JSON", _COCO, _written(_SUPER_ANNOTATE)),
    Foreign("Datumaro JSON", _VOC, _written(_DATUMARO)),
    Foreign("Vertex AI JSON Lines", _COCO, _written(_VERTEX)),
    Foreign(
        "SageMaker Ground Truth manifest",
        Message("Make a table with the columns image and label of it, or COCO."),
        _written(r'"source-ref"\s*:|"source"\s*:.*-metadata"\s*:\s*\{'),
    ),
    Foreign("Open Images CSV", _COCO, _begins("ImageID,Source,LabelName", "ImageID,LabelName,Confidence")),
    Foreign("brat standoff (.ann)", _TEXTS, lambda glimpse: glimpse.ends_in(".ann") or _written(_BRAT)(glimpse)),
    Foreign("UIMA XMI (INCEpTION, WebAnno)", _TEXTS, _written(r"<(?:xmi:)?XMI\b")),
    Foreign("GATE XML", _TEXTS, _written(r"<GateDocument\b")),
    Foreign("TEI XML", _TEXTS, _written(r"<(?:tei:)?TEI(?:\.2|Corpus)?\b")),
    Foreign("KITTI", _COCO, _written(_KITTI)),
    Foreign("DOTA (turned boxes)", Message("Make upright boxes of them, as COCO or YOLO."), _written(_DOTA)),
    Foreign("TFRecord", Message("Export it as COCO, YOLO or CSV."), _ends(".tfrecord", ".tfrecords")),
)
"""In the order in which they are asked; none is asked about what a reader here knows as its own."""


def foreign(glimpse: Glimpse) -> Foreign | None:
    """Return the format of another tool that a file is of, None where nothing says so."""
    return next((one for one in FOREIGN if glimpse.kind == "file" and one.knows(glimpse)), None)


def check_not_foreign(glimpse: Glimpse) -> None:
    """Raise Invalid, naming the format, for a file of another tool that nobody here reads."""
    found = foreign(glimpse)
    if found is not None:
        raise Invalid(
            "{name} is in the format {format}, which is not read here. {advice}",
            field="file",
            name=glimpse.name,
            format=found.title,
            advice=found.advice,
        )


def refused_set(glimpse: Glimpse, file: str, found: Foreign) -> Invalid:
    """Return why a set is not read whose labels are of another tool: its pictures alone would come in without them."""
    alone = Message("To import the pictures without their labels, say so (--format folder or zip).")
    advice = (
        Message("{first} {second}", first=found.advice, second=alone)
        if any(map(is_image, glimpse.files))
        else found.advice
    )
    return Invalid(
        "{name} holds {file} in the format {format}, which is not read here. {advice}",
        field="file",
        name=glimpse.name,
        file=PurePosixPath(file).name,
        format=found.title,
        advice=advice,
    )
