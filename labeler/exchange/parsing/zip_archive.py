"""The files in a ZIP, or in a TAR that is read as one.

Note: nothing is ever unpacked to a name from the archive; names are ids and labels only.
What the archive says about itself is not believed but bounded before anything is unpacked: entries may not overlap
(100 kB that unpack to 1 GB), declared sizes are added up and are also the most that is read, and one entry may not
grow beyond a ratio. The archive stays open as long as a loader made from it is alive.
"""

import functools
import stat
import unicodedata
import weakref
import zipfile
import zlib
from collections.abc import Callable, Iterator

from labeler.errors import Invalid
from labeler.exchange.parsing import tar_archive
from labeler.exchange.parsing.image_files import is_plain
from labeler.exchange.parsing.imagefolder import (
    is_of_the_system,
    largest,
)
from labeler.exchange.sources import ImageLoader, Limits, Source
from labeler.messages import Message

_LOCAL_HEADER = 30
_SMALL = 1024 * 1024
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1


def unpack(
    source: Source, limits: Limits, unwanted: Callable[[str], str]
) -> tuple[dict[str, ImageLoader], list[tuple[str, str]]]:
    """Return loaders of the files in an archive by full name, and (name, reason) of those left out.

    unwanted: returns why a file is not wanted, "" when it is. Raises Invalid when the source is no honest ZIP.
    """
    told: list[tuple[str, str]] = []
    if tar_archive.is_tar(source):
        stream, told = tar_archive.as_zip(source, limits)
        archive = _opened(Source(source.name, stream=stream))
        weakref.finalize(archive, stream.close)  # with the last loader
    else:
        archive = _opened(source)
    entries = _bounded(archive, source.name, limits)
    accepted, problems = _accepted(entries, limits, unwanted)
    problems = [*told, *problems]
    loaders: dict[str, ImageLoader] = {
        name: functools.partial(_unpacked, archive, entry, largest(name, limits)) for name, entry in accepted.items()
    }
    return loaders, problems


def _opened(source: Source) -> zipfile.ZipFile:
    place = source.stream if source.stream is not None else source.path
    if place is None:
        raise Invalid("{name} is not a file that can be read.", field="file", name=source.name)
    try:
        return zipfile.ZipFile(place)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, ValueError, EOFError, NotImplementedError) as error:
        raise Invalid(
            "{name} is not a ZIP archive, or it is cut off: {error}.", field="file", name=source.name, error=error
        ) from error


def _bounded(archive: zipfile.ZipFile, name: str, limits: Limits) -> list[zipfile.ZipInfo]:
    """Return the entries; raise Invalid when there are too many, they are too large together, or they overlap."""
    entries = archive.infolist()
    if len(entries) > limits.entries:
        raise Invalid(
            "{name} has {count:,} entries; the limit is {most:,}.",
            field="file",
            name=name,
            count=len(entries),
            most=limits.entries,
        )
    total = sum(entry.file_size for entry in entries)
    if total > limits.unpacked_bytes:
        raise Invalid(
            "{name} unpacks to {total:,} bytes; the limit is {most:,}.",
            field="file",
            name=name,
            total=total,
            most=limits.unpacked_bytes,
        )
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise Invalid("{name} has entries that overlap, which no honest ZIP has.", field="file", name=name)
        end = entry.header_offset + _LOCAL_HEADER + len(entry.orig_filename) + entry.compress_size
    if end > archive.start_dir:
        raise Invalid("{name} has an entry that runs past the end of its data.", field="file", name=name)
    return entries


def _accepted(
    entries: list[zipfile.ZipInfo], limits: Limits, unwanted: Callable[[str], str]
) -> tuple[dict[str, zipfile.ZipInfo], list[tuple[str, str]]]:
    """Return the wanted entries by name, and (name, reason) of everything else but system files."""
    accepted: dict[str, zipfile.ZipInfo] = {}
    problems: list[tuple[str, str]] = []
    twins: dict[str, str] = {}
    for entry in entries:
        name = plain_name(entry)
        if entry.is_dir() or name.endswith("/") or is_of_the_system(name):
            continue
        key = unicodedata.normalize("NFC", name).casefold()
        reason = next(_faults(entry, limits), "") or unwanted(name) or _twin(name, twins.get(key))
        if reason:
            problems.append((name[:200], reason))
        else:
            accepted[name] = entry
            twins[key] = name
    return accepted, problems


def plain_name(entry: zipfile.ZipInfo) -> str:
    """Return the name of an entry with forward slashes; some tools on Windows write the others."""
    return entry.filename.replace("\\", "/")


def _faults(entry: zipfile.ZipInfo, limits: Limits) -> Iterator[str]:
    """Yield what speaks against unpacking an entry."""
    kind = stat.S_IFMT(entry.external_attr >> 16)
    most = largest(plain_name(entry), limits)
    growth = entry.file_size / max(1, entry.compress_size)
    if "\0" in entry.orig_filename or not is_plain(plain_name(entry)):
        yield Message("its name leads out of the archive")
    if kind not in (0, stat.S_IFREG):
        yield Message("a link or device, not a file")
    if entry.flag_bits & _ENCRYPTED:
        yield Message("it is encrypted")
    if entry.compress_type not in _METHODS:
        yield Message("packed by a method other than deflate")
    if entry.file_size > most:
        yield Message("larger than {most:,} bytes", most=most)
    if entry.file_size > _SMALL and growth > limits.ratio:
        yield Message("it grows {growth:.0f}-fold when unpacked", growth=growth)


def _twin(name: str, other: str | None) -> str:
    if other is None:
        return ""
    if name == other:
        return Message("the name appears twice in the archive; the first one was taken")
    return Message(
        'the name differs from "{other}" only in case or in how accents are written; rename one', other=other
    )


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> bytes:
    """Return an entry's bytes; raise Invalid when it is damaged, over the limit, or not what the directory said."""
    try:
        with archive.open(entry) as file:
            data = file.read(limit + 1)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise Invalid("it cannot be unpacked ({error})", error=error) from error
    if len(data) > limit:
        raise Invalid("larger than {most:,} bytes", most=limit)
    return data
