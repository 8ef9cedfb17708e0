"""A dataset of Hugging Face as it comes in.

Note: a folder that was worked with also holds cached results (cache-….arrow), which are no part of the
dataset; state.json says which files are.
"""

import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from labeler.errors import Invalid
from labeler.exchange.formats.base import Certainty, Glimpse, Reader, Sign
from labeler.exchange.parsing import arrow, arrow_files, parquet
from labeler.exchange.parsing.dataset_files import FileSet, files_in, split_in
from labeler.exchange.parsing.image_files import path_of
from labeler.exchange.parsing.imagefolder import is_image
from labeler.exchange.parsing.json_records import Record, to_rows
from labeler.exchange.rows import RejectedRow, Row, rejected_file
from labeler.exchange.sources import ImageLoader, ReadOptions, Source
from labeler.messages import Message

_STATE, _INFO, _DICT = "state.json", "dataset_info.json", "dataset_dict.json"
_ARROW, _PARQUET = ".arrow", ".parquet"
_NUMBERED = re.compile(r"(?P<split>.+?)-\d{5}(?:-of-\d{5})?(?:-[0-9a-f]{8,})?")


class _Part(NamedTuple):
    """One file with rows. features: what is said of them beside the file; split: "" where nothing says it."""

    name: str
    loader: ImageLoader
    split: str
    features: dict[str, Any]

    @property
    def source(self) -> Source:
        """The file itself where it lies on this machine, its bytes where it lies in a ZIP."""
        path = path_of(self.loader)
        return Source(self.name, path=path) if path else Source(self.name, stream=io.BytesIO(self.loader()))


def columns(source: Source, options: ReadOptions) -> tuple[str, ...]:
    """Return the names of the columns of the first file."""
    first = _parts(source, options)[0][0]
    if first.name.endswith(_PARQUET):
        return parquet.columns(first.source, options)
    return arrow_files.columns(first.source)


def read(source: Source, options: ReadOptions) -> Iterator[Row | RejectedRow]:
    """Yield the rows of every file, split by split; raises Invalid when there is no file with rows."""
    parts, unused = _parts(source, options)
    inside = replace(source, stream=None, folder=source.path if source.folder is not None else None)
    yield from arrow.with_names(to_rows(_records(parts, options), inside, options))
    yield from (rejected_file(name, reason) for name, reason in unused)


def _records(parts: list[_Part], options: ReadOptions) -> Iterator[Record | RejectedRow]:
    number = 1
    for part in parts:
        if part.name.endswith(_PARQUET):
            found = parquet.records(part.source, options, number)
        else:
            found = arrow_files.records(part.source, part.features, number)
        for entry in found:
            number = entry.number + 1
            if isinstance(entry, RejectedRow):
                yield entry._replace(file=part.name)
            else:
                yield entry._replace(value={"split": part.split, **entry.value}) if part.split else entry


def _parts(source: Source, options: ReadOptions) -> tuple[list[_Part], tuple[tuple[str, str], ...]]:
    """Return the files with rows, and (name, reason) of what is not read."""
    files = files_in(source, options, (_ARROW, _PARQUET, ".json"))
    states = _in_order([name for name in files.others if PurePosixPath(name).name == _STATE], files)
    parts = [part for name in states for part in _saved(name, files)]
    if not parts:
        names = [name for name in files.others if name.endswith(_PARQUET)]
        parts = [_Part(name, files.others[name], _split_of(name), {}) for name in names]
    if not parts:
        raise Invalid(
            "{name} holds no Arrow files with a state.json and no Parquet files.", field="file", name=source.name
        )
    return parts, files.problems


def _in_order(states: list[str], files: FileSet) -> list[str]:
    """Return the folders of splits in the order that the dataset gives them."""
    dicts = [name for name in files.others if PurePosixPath(name).name == _DICT]
    listed = [f"{PurePosixPath(name).parent / str(split)}" for name in dicts for split in _splits(name, files)]
    places = {folder: place for place, folder in enumerate(listed)}
    return sorted(states, key=lambda name: places.get(str(PurePosixPath(name).parent), len(places)))


def _splits(name: str, files: FileSet) -> list[Any]:
    found = _json(name, files).get("splits")
    return found if isinstance(found, list) else []


def _saved(state: str, files: FileSet) -> Iterator[_Part]:
    """Yield the files of what `save_to_disk` wrote; raises Invalid where one that it names is not there."""
    folder = PurePosixPath(state).parent
    told, info = _json(state, files), _json(str(folder / _INFO), files)
    listed = told.get("_data_files")
    split = told.get("_split") or (folder.name if str(folder.parent / _DICT) in files.others else "")
    for one in listed if isinstance(listed, list) else []:
        name = str(folder / str(one.get("filename", ""))) if isinstance(one, dict) else ""
        if name not in files.others:
            raise Invalid('{state} names "{name}", which is not there.', field="file", state=state, name=name[:200])
        features = info.get("features")
        yield _Part(name, files.others[name], str(split), features if isinstance(features, dict) else {})


def _json(name: str, files: FileSet) -> dict[str, Any]:
    try:
        found = json.loads(files.text(name)) if name in files.others else {}
    except (ValueError, RecursionError) as error:
        raise Invalid("{name} is not valid JSON: {error}.", field="file", name=name, error=error) from error
    return found if isinstance(found, dict) else {}


def _split_of(name: str) -> str:
    """Return the split a Parquet file is of: "data/train-00000-of-00002.parquet" is of train."""
    numbered = _NUMBERED.fullmatch(PurePosixPath(name).stem)
    return numbered["split"] if numbered else split_in(name) or ""


def sign(glimpse: Glimpse) -> Sign | None:
    """Know a folder or ZIP by the files in it."""
    names = {PurePosixPath(name).name for name in glimpse.files}
    if _DICT in names or (_STATE in names and any(name.endswith(_ARROW) for name in names)):
        return Sign(Certainty.SURE, Message("has Arrow files with their state, as the datasets library saves them."))
    if any(name.endswith(_PARQUET) for name in names) and not any(map(is_image, names)):
        return Sign(Certainty.LIKELY, Message("has Parquet files, as a dataset of the Hugging Face Hub does."))
    return None


READER = Reader(
    "huggingface",
    Message("Hugging Face dataset"),
    (".zip",),
    columns,
    read,
    answers=True,
    sign=sign,
    encoded=False,
)
