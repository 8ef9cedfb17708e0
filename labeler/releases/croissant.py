"""The description of a release that programs read: Croissant 1.0, JSON-LD (https://docs.mlcommons.org/croissant).

Addresses of files are relative to it, so it holds wherever the archive was unpacked.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from labeler.releases.archive import Entry
from labeler.releases.frozen import Head
from labeler.releases.made_with import items_told, split_told
from labeler.releases.provenance import ITEMS, fields_of

NAME = "croissant.json"
CONFORMS_TO = "http://mlcommons.org/croissant/1.0"
_KINDS = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".json": "application/json",
    ".jsonl": "application/jsonlines",
    ".parquet": "application/vnd.apache.parquet",
    ".txt": "text/plain",
    ".md": "text/markdown",
    ".xml": "application/xml",
}
"""Media types by the ending of a file; of any other it is bytes."""
_SPLITS = {"train": "cr:TrainingSplit", "val": "cr:ValidationSplit", "test": "cr:TestSplit"}
_REFERENCES: dict[str, dict[str, Any]] = {"split": {"references": {"field": {"@id": "splits/name"}}}}
DATA = "data/"
LISTED = 100
"""Files of the labels themselves that are listed one by one; of more (one a picture) SHA256SUMS has the list."""
_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataBiases": "cr:dataBiases",
    "dataCollection": "cr:dataCollection",
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "personalSensitiveInformation": "cr:personalSensitiveInformation",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


def described(head: Head, numbers: Mapping[str, Any], entries: Sequence[Entry]) -> dict[str, Any]:
    """Return the description. entries: the files of the release by then."""
    beside = [one for one in entries if not one.name.startswith(DATA)]
    listed = list(entries) if len(entries) - len(beside) <= LISTED else beside
    said: dict[str, Any] = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS_TO,
        "name": f"{head.project['slug']}-{head.number}",
        "description": _description(head, numbers),
        "version": f"{head.number}.0.0",
        "citeAs": _citation(head),
        "datePublished": head.as_of[:10],
        "dateModified": head.as_of,
        "isLiveDataset": False,
        "distribution": [_file(one) for one in listed],
        "recordSet": [*_classes(head), *_splits(head), _items(head)],
    }
    if head.told.get("license"):
        said["license"] = head.told["license"]
    return said


def _description(head: Head, numbers: Mapping[str, Any]) -> str:
    about = head.told.get("about", "").strip()
    project = head.project
    plain = f"{numbers['items']:,} {project['media']} items of {project['name']} with labels ({project['task']})."
    asked = [*items_told(head, numbers), *split_told(head)]
    return "\n\n".join([*([about] if about else []), " ".join([plain, *asked])])


def _citation(head: Head) -> str:
    """Return how to cite it, as BibTeX; braces of a name would end a field."""
    title = head.project["name"].translate(str.maketrans("{}", "()"))
    named = f"{head.project['slug']}-{head.number}"
    return f"@misc{{{named}, title = {{{title}}}, version = {{{head.number}}}, year = {{{head.as_of[:4]}}}}}"


def _file(entry: Entry) -> dict[str, Any]:
    ending = entry.name[entry.name.rfind(".") :].lower() if "." in entry.name else ""
    return {
        "@type": "cr:FileObject",
        "@id": entry.name,
        "name": entry.name,
        "contentUrl": entry.name,
        "contentSize": f"{entry.size} B",
        "encodingFormat": _KINDS.get(ending, "application/octet-stream"),
        "sha256": entry.sha256,
    }


def _classes(head: Head) -> list[dict[str, Any]]:
    if not head.classes:
        return []
    names = [{"classes/name": name} for name in head.names]
    name = {"@type": "cr:Field", "@id": "classes/name", "name": "name", "dataType": "sc:Text"}
    return [
        {
            "@type": "cr:RecordSet",
            "@id": "classes",
            "name": "classes",
            "description": "The classes in the project's order.",
            "dataType": "sc:Enumeration",
            "key": {"@id": "classes/name"},
            "field": [name],
            "data": names,
        }
    ]


def _splits(head: Head) -> list[dict[str, Any]]:
    """Return the parts with what the vocabulary of Croissant calls them, none without a split."""
    if not head.chosen.parts:
        return []
    kinds = (("name", "sc:Text"), ("url", "sc:URL"))
    return [
        {
            "@type": "cr:RecordSet",
            "@id": "splits",
            "name": "splits",
            "description": "The parts that items are split into.",
            "dataType": "cr:Split",
            "key": {"@id": "splits/name"},
            "field": [
                {"@type": "cr:Field", "@id": f"splits/{name}", "name": name, "dataType": kind} for name, kind in kinds
            ],
            "data": [{"splits/name": part, "splits/url": _SPLITS[part]} for part in head.chosen.parts],
        }
    ]


def _items(head: Head) -> dict[str, Any]:
    fields: list[dict[str, Any]] = [
        {
            "@type": "cr:Field",
            "@id": f"items/{name}",
            "name": name,
            "description": about,
            "dataType": kind,
            "source": {"fileObject": {"@id": ITEMS}, "extract": {"column": name}},
            **_REFERENCES.get(name, {}),
        }
        for name, (kind, about) in fields_of(head).items()
    ]
    told = "Every item with its final label, and where that comes from."
    return {
        "@type": "cr:RecordSet",
        "@id": "items",
        "name": "items",
        "description": told,
        "key": {"@id": "items/item"},
        "field": fields,
    }
