"""NPZ, as numpy saves several arrays: ids beside a matrix, a row for each id. Nothing in it is ever unpickled."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from labeler.errors import Invalid
from labeler.exchange.parsing.column_names import USUAL_NAMES
from labeler.exchange.rows import RejectedRow, Row
from labeler.messages import Message

if TYPE_CHECKING:
    from pathlib import Path

MOST_BYTES = 4 * 1024**3  # that arrays may take unpacked
IDS = (*USUAL_NAMES["id"], "ids", "item_ids", "names")
CLASSES = ("classes", "class_names", "labels")
_ROWS = 2  # axes of a matrix


def is_npz(path: Path) -> bool:
    """Say whether a file is an archive of arrays."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    return bool(names) and all(name.endswith(".npy") for name in names)


def read(path: Path, name: str, key: str) -> Iterator[Row | RejectedRow]:
    """Yield a row for each id with its numbers as metadata under `key`: an array, or by class where classes are named.

    Raises Invalid where ids or matrix are not there, or do not fit each other.
    """
    ids, matrix, classes = _arrays(path, name)
    for number, (external_id, numbers) in enumerate(zip(ids, matrix, strict=True), 1):
        held = numbers if classes is None else dict(zip(classes, numbers.tolist(), strict=True))
        if external_id:
            yield Row(number, external_id, None, None, None, {key: held})
        else:
            yield RejectedRow(number, "id", Message("nothing says which item was meant"), "")


def _arrays(path: Path, name: str) -> tuple[list[str], Any, list[str] | None]:
    import numpy as np

    with zipfile.ZipFile(path) as archive:
        size = sum(entry.file_size for entry in archive.infolist())
    if size > MOST_BYTES:
        raise Invalid("{name} holds more than 4 GiB of numbers; import it in parts.", field="file", name=name)
    try:
        with np.load(path, allow_pickle=False) as file:
            found = {key: file[key] for key in file.files}
    except (ValueError, OSError, zipfile.BadZipFile, EOFError) as error:
        raise Invalid(
            "The arrays of {name} cannot be read ({reason}). Save ids as texts or whole numbers, not as objects.",
            field="file",
            name=name,
            reason=error,
        ) from error
    ids = next((found[key] for key in IDS if key in found), None)
    matrices = [one for one in found.values() if one.ndim == _ROWS and one.dtype.kind in "fiu"]
    if ids is None or ids.ndim != 1 or len(matrices) != 1 or len(matrices[0]) != len(ids):
        raise Invalid(
            "{name} must hold ids and one matrix with a row for each of them, as numpy.savez(file, ids=…, vectors=…) "
            "saves them. It holds: {arrays}.",
            field="file",
            name=name,
            arrays=", ".join(f"{key} {' x '.join(map(str, one.shape))}" for key, one in found.items()) or "-",
        )
    classes = next((found[key] for key in CLASSES if key in found), None)
    if classes is not None and classes.shape != matrices[0].shape[1:]:
        raise Invalid(
            "{name} names {classes} classes for {columns} columns.",
            field="file",
            name=name,
            classes=classes.size,
            columns=matrices[0].shape[1],
        )
    return [_text(one) for one in ids], matrices[0], None if classes is None else [_text(one) for one in classes]


def _text(value: Any) -> str:
    plain = value.item()
    return plain.decode("utf-8", "replace") if isinstance(plain, bytes) else str(plain)
