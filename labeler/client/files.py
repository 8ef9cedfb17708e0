"""Files that a server hands out, whole on this disk or not there at all."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from labeler import durable
from labeler.client.connection import Answer
from labeler.errors import Unreachable
from labeler.messages import Message


@dataclass(frozen=True)
class Exported:
    """A file that came in. left_out: what the server says is not in it, "" for nothing said; sha256: of its bytes."""

    path: Path
    bytes: int
    sha256: str
    left_out: str = ""


def store(answer: Answer, target: Path, *, sha256: str = "") -> Exported:
    """Write an answer into a file, or into a folder under the name that the server gives it.

    sha256: what its bytes must have; Unreachable is raised where they have not, and what was there stays.
    """
    path = target / _name(answer) if target.is_dir() else target
    digest, size = hashlib.sha256(), 0
    with durable.writing(path, mode=durable.PUBLIC) as file:
        for piece in answer.pieces():
            file.write(piece)
            digest.update(piece)
            size += len(piece)
        if sha256 and digest.hexdigest() != sha256:
            raise Unreachable(
                Message("{name} did not come in as it is on the server: its SHA-256 differs.", name=path.name)
            )
    return Exported(path, size, digest.hexdigest(), answer.headers.get("X-Labeler-Left-Out", ""))


def _name(answer: Answer) -> str:
    name = answer.headers.get_filename() or ""
    stays = name.strip(".") and name.isprintable() and not {"/", "\\", ":"} & set(name)
    return name if stays else "export"
