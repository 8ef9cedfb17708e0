"""How the bytes of one image are reached: a file beside the table, or base64 in a cell.

Note: a name in a table is somebody's input. It is looked up only inside the folder the source
allows (for uploads: nowhere), after links are followed, and read with a limit.
"""

import base64
import binascii
import functools
import re
from pathlib import Path, PurePosixPath

from labeler.errors import Invalid
from labeler.exchange.sources import ImageLoader, Source
from labeler.remote.addresses import is_address

_DATA_URI = re.compile(r"data:image/[a-z0-9.+-]{1,40};base64,", re.IGNORECASE)
_PICTURES = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*")
_LONG_ENOUGH_FOR_AN_IMAGE = 40
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]+={0,2}")  # no two parts of it may take the same letter


def find_image(value: str, source: Source, limit: int) -> tuple[ImageLoader, str | None]:
    """Return a loader for a cell (a file name or base64) and the file name if it is one; raise Invalid."""
    if match := _DATA_URI.match(value):
        return functools.partial(decode_base64, value[match.end() :], limit), None
    if "." not in value[-8:] and len(value) > _LONG_ENOUGH_FOR_AN_IMAGE and _BASE64.fullmatch(value.rstrip()):
        return functools.partial(decode_base64, value, limit), None
    if is_address(value):
        return _elsewhere(value, source), value.partition("?")[0]
    try:
        return _beside(value, source, limit), value
    except Invalid:
        there = source.there.find(value) if source.there is not None else None
        if there is None:
            raise
        return there, value


def _beside(value: str, source: Source, limit: int) -> ImageLoader:
    if source.find is not None:
        return source.find(value)
    if source.folder is None:
        raise Invalid("an image can be named only in a folder or a ZIP, not in an uploaded table; send a ZIP")
    path = inside(source.folder, value if is_plain(value) else value.replace("\\", "/"))
    if not path.is_file():
        raise Invalid('there is no image file "{value}"', value=value)
    return functools.partial(read_file, path, limit)


def is_picture(name: str, head: bytes) -> bool:
    """Say whether a file is a single picture, by its first bytes; name: what it is called."""
    webp = head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    return webp or head.startswith(_PICTURES) or (head.startswith(b"BM") and name.lower().endswith(".bmp"))


def _elsewhere(value: str, source: Source) -> ImageLoader:
    """Return a loader of an image at an address: the copy that lies beside the labels, else what is there."""
    if source.find is not None:
        try:
            return source.find(value)
        except Invalid:
            if source.fetch is None:
                raise
    if source.fetch is None:
        raise Invalid(
            "the image lies elsewhere, and this server fetches nothing; whoever runs it can allow places by the "
            "setting LABELER_REMOTE"
        )
    return source.fetch(value)


def inside(folder: Path, name: str) -> Path:
    """Return the file that `name` means below `folder`; raise Invalid when it leads out of it."""
    if not is_plain(name):
        raise Invalid('the file name "{name}" leads out of the folder', name=name)
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise Invalid('the file name "{name}" leads out of the folder', name=name)
    return path


def is_plain(name: str) -> bool:
    """Say whether a name stays where it is put: relative, no drive, no backslash, no "..", nothing unprintable."""
    parts = PurePosixPath(name).parts
    return bool(parts) and not (
        name.startswith("/") or "\\" in name or ":" in parts[0] or ".." in parts or not name.isprintable()
    )


def read_file(path: Path, limit: int) -> bytes:
    """Return a file's bytes; raise Invalid over `limit` bytes or when it cannot be read."""
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise Invalid("the image cannot be read ({reason})", reason=error.strerror) from error
    if len(data) > limit:
        raise Invalid("the image is larger than {limit:,} bytes", limit=limit)
    return data


def path_of(image: ImageLoader) -> Path | None:
    """Return the file that a loader reads; None where it lies in an archive or a cell."""
    if isinstance(image, functools.partial) and image.func is read_file:
        path: Path = image.args[0]
        return path
    return None


def decode_base64(value: str, limit: int) -> bytes:
    """Return the bytes a base64 text stands for; raise Invalid over `limit` bytes or when it is none."""
    if len(value) > limit * 3 // 2:
        raise Invalid("the image is larger than {limit:,} bytes", limit=limit)
    try:
        return base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid("the image is not valid base64") from error
