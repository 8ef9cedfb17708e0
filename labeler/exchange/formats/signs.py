"""The marks by which formats are known that share their clothes with others: JSON of several tools, lines of tokens.

Note: only the beginning of a file is looked at, so a mark must stand near the start of every
file of its kind, and no mark may be something a person would simply call a column.
"""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import NamedTuple

from labeler.errors import Invalid
from labeler.exchange.parsing.imagefolder import is_image
from labeler.messages import Message


class Sign(NamedTuple):
    """A format, and the words that follow the name of the file."""

    format: str
    why: str


_TAG_LINE = re.compile(r"\S+(?:[ \t]+\S+)*[ \t]+(?:O|[BIESLUM]-\S+)")
_LINES_LOOKED_AT = 40
_TASK = re.compile(r'"data"\s*:\s*\{')
_ANSWERS = re.compile(r'"(?:annotations|predictions|completions|result|completed_by)"\s*:')
_COCO_LIST = re.compile(r'"(?:images|annotations|categories)"\s*:\s*\[')
_COCO_MEMBER = re.compile(r'"(?:file_name|image_id|category_id|supercategory|licenses)"\s*:')
_TRIPLE = r"\[\s*\d+\s*,\s*\d+\s*,\s*\""
_DOCCANO = re.compile(
    rf'"start_offset"\s*:|"labels?"\s*:\s*\[\s*{_TRIPLE}|"filename"\s*:.*"(?:bbox|segmentation)"\s*:|"Comments"\s*:',
    re.DOTALL,
)
_SPACY = re.compile(rf'"entities"\s*:\s*\[\s*(?:{_TRIPLE}|\])|"cats"\s*:\s*\{{', re.DOTALL)


def sign_of_text(text: str, name: str) -> Sign | None:
    """Return the format whose marks the beginning of a text file bears, None when it bears none of them."""
    if text[:1] in {"[", "{"}:
        return _sign_of_json(text)
    lines = [line for line in text.splitlines()[:_LINES_LOOKED_AT] if line.strip()]
    if lines and lines[0].startswith("-DOCSTART-"):
        return Sign("conll", Message("begins with -DOCSTART-, as CoNLL does."))
    whole = lines[:-1] or lines  # the last one may be cut
    tagged = [line for line in whole if _TAG_LINE.fullmatch(line.strip())]
    if len(tagged) > 1 and len(tagged) == len(whole):
        return Sign("conll", Message("has a tag such as O or B-PER at the end of each line, as CoNLL does."))
    if PurePosixPath(name).suffix.lower() in {".conll", ".iob", ".bio"}:
        return Sign("conll", Message("ends in {ending}, as CoNLL does.", ending=PurePosixPath(name).suffix))
    return None


def sign_of_dataset(inside: Iterable[tuple[str, bytes]]) -> Sign | None:
    """Return the format of a folder or ZIP by the names in it and the first bytes of its JSON files."""
    texts, images, names = set(), set(), set()
    for name, head in inside:
        path = PurePosixPath(name)
        if is_image(name):
            images.add(path.stem)
        elif path.suffix.lower() == ".xml":
            _check_no_xml_labels(path, head)
        elif path.suffix.lower() == ".txt":
            texts.add((path.stem, any(part.lower() == "labels" for part in path.parts[:-1])))
        elif path.suffix.lower() in {".json", ".jsonl"} and head:
            found = _sign_of_json(head.decode(errors="replace").lstrip("\ufeff").lstrip())
            if found and found.format in {"coco", "label_studio", "doccano"}:
                return Sign(found.format, Message("holds {name}, which {why}", name=path.name, why=found.why))
        names.add(path.name.lower())
    listed = names & {"data.yaml", "data.yml", "dataset.yaml", "obj.names", "classes.txt"}
    if listed and images:
        return Sign("yolo", Message("holds pictures and {listed}, as a YOLO dataset does.", listed=min(listed)))
    if any(below or stem in images for stem, below in texts) and images:
        return Sign("yolo", Message("holds pictures and text files of the same names, as a YOLO dataset does."))
    return None


def _check_no_xml_labels(path: PurePosixPath, head: bytes) -> None:
    """Raise Invalid for labels in XML, whose pictures (and masks) would else come in without them."""
    marks = {tag for tag in (b"<annotation>", b"<annotation ", b"<annotations>", b"<bndbox>") if tag in head}
    if not marks:
        return
    kind = "CVAT" if b"<annotations>" in marks else "Pascal VOC"
    how = Message("Convert it to COCO or YOLO, or import the folder of its pictures alone as a folder of images.")
    raise Invalid(
        "{name} holds labels in XML as {kind} has them, which are not read. {how}",
        field="file",
        name=path.name,
        kind=kind,
        how=how,
    )


def _sign_of_json(text: str) -> Sign | None:
    if text.startswith("{") and _COCO_LIST.search(text) and _COCO_MEMBER.search(text):
        return Sign("coco", Message("has lists of images, annotations or categories, as COCO does."))
    if _TASK.search(text) and (_ANSWERS.search(text) or text.startswith("[")):
        return Sign("label_studio", Message('has tasks with "data", as Label Studio does.'))
    if re.match(r'\[\s*(?:\[\s*)?"', text) and "{" in text:
        return Sign("spacy", Message("has pairs of a text and an object, as training data for spaCy does."))
    if _DOCCANO.search(text):
        return Sign("doccano", Message("has labels as doccano writes them."))
    if _SPACY.search(text):
        return Sign("spacy", Message("has entities with their places, as training data for spaCy does."))
    return None
