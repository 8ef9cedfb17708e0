"""Sources that lie elsewhere, in a bucket or on a website, and images that a table names by an address.

Note: names in a bucket are keys that anybody may have written. They are names of items and
labels here, and never of files on this machine; one that leads out of its folder is left out and named.
"""

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any

from labeler.errors import Invalid
from labeler.exchange.parsing.image_files import is_plain
from labeler.exchange.parsing.imagefolder import is_of_the_system, largest
from labeler.exchange.sources import ImageLoader, Limits, Source
from labeler.messages import Message
from labeler.remote.addresses import Address, parsed
from labeler.remote.elsewhere import Elsewhere
from labeler.remote.files import Ahead, Keep, Origin, RemoteFile
from labeler.remote.found import Found

COUNTED_EVERY = 500


def reaching(source: Source, elsewhere: Elsewhere, keep: Keep) -> Source:
    """Return a source whose rows may name images by addresses that this server may fetch."""
    if not elsewhere.allowed.places:
        return source
    limit = Limits().image_bytes
    return replace(source, fetch=lambda text: image_at(elsewhere, elsewhere.check(text), keep, limit))


def image_at(elsewhere: Elsewhere, address: Address, keep: Keep, limit: int) -> RemoteFile:
    """Return an image at an address; raises Invalid where its address may not be kept."""
    if keep == "reference":
        check_kept(address)
    return RemoteFile(address, partial(elsewhere.read, address, limit), keep)


def check_kept(address: Address) -> None:
    """Raise Invalid for an address that is good for a while only, or only for whoever has it."""
    if address.query:
        raise Invalid(
            "an address with a question mark may hold a key, or be good for a while only; import it as a copy",
            field="address",
        )


def of_address(elsewhere: Elsewhere, text: str, keep: Keep) -> dict[str, Any]:
    """Return what a job needs to know of an address that somebody wrote; raises Invalid where it may not be asked."""
    address = elsewhere.check(text)
    if keep == "reference":
        check_kept(address)
    return {"address": address.whole, "name": str(address)[:255]}


def beside(elsewhere: Elsewhere, table: Address, keep: Keep) -> Callable[[str], ImageLoader]:
    """Return a search for the images that a table elsewhere names by their place beside it."""

    def found(name: str) -> ImageLoader:
        plain = name.replace("\\", "/")
        if not is_plain(plain):
            raise Invalid('the file name "{name}" leads out of the folder', name=name)
        return image_at(elsewhere, table.beside(plain), keep, Limits().image_bytes)

    return found


def folder_at(
    elsewhere: Elsewhere, address: Address, keep: Keep, limits: Limits, tell: Callable[[int], None]
) -> Source:
    """List a folder or the files like a pattern; raises Invalid when there is nothing, or too much for one import.

    tell: called with how many files were listed so far.
    """
    base, listed = _base(address), list[Found]()
    for count, found in enumerate(elsewhere.below(address), 1):
        listed.append(found)
        if count > limits.entries:
            raise Invalid(
                "{address} holds more than {most:,} files. Import it in parts: a folder of it, or those like a pattern "
                "such as {address}a*.",
                field="address",
                address=str(base),
                most=limits.entries,
            )
        if count % COUNTED_EVERY == 0:
            tell(count)
    tell(len(listed))
    if not listed:
        raise Invalid("There are no files at {address}.", field="address", address=str(address))
    return _source(elsewhere, base, keep, limits, listed)


def first_of_folder(elsewhere: Elsewhere, address: Address, keep: Keep, most: int) -> Source:
    """List the first files of a folder or like a pattern, for a look; raises Invalid when there are none."""
    listed = list(islice(elsewhere.below(address), most))
    if not listed:
        raise Invalid("There are no files at {address}.", field="address", address=str(address))
    return _source(elsewhere, _base(address), keep, Limits(), listed)


def _base(address: Address) -> Address:
    """Return the folder in which all lies that an address stands for."""
    if address.is_pattern or address.path.endswith("/"):
        return address.folder
    return address._replace(path=f"{address.path}/" if address.path else "")


def _source(elsewhere: Elsewhere, base: Address, keep: Keep, limits: Limits, listed: list[Found]) -> Source:
    wanted, refused = _sorted_out(base, listed)
    ahead = Ahead(lambda found: elsewhere.read_found(found, largest(found.address.path, limits)), wanted)
    files: dict[str, ImageLoader] = {
        found.address.path.removeprefix(base.path): RemoteFile(found.address, partial(ahead.get, place), keep)
        for place, found in enumerate(wanted)
    }
    return reaching(Source(str(base), files=files, refused=tuple(refused)), elsewhere, keep)


def _sorted_out(base: Address, listed: Iterable[Found]) -> tuple[list[Found], list[tuple[str, str]]]:
    """Return the files with names that can be kept, and (name, reason) of the others."""
    wanted, refused = [], []
    twins: dict[str, str] = {}
    for found in listed:
        name = found.address.path.removeprefix(base.path)
        if is_of_the_system(name):
            continue
        key = unicodedata.normalize("NFC", name).casefold()
        if reason := _fault(found.address, name, twins.get(key)):
            refused.append((name[:200].encode(errors="replace").decode(), reason))
        else:
            twins[key] = name
            wanted.append(found)
    return wanted, refused


def _fault(address: Address, name: str, twin: str | None) -> str:
    """Return what speaks against a name, "" where nothing does."""
    if not is_plain(name) or "//" in name:
        return Message("its name leads out of the folder")
    if twin is not None:
        return Message(
            'the name differs from "{other}" only in case or in how accents are written; rename one', other=twin
        )
    try:
        again = parsed(str(address))
    except Invalid:
        return Message("its name cannot be part of an address")
    return "" if again == address else Message("its name cannot be part of an address")


def about_origin(origin: Origin) -> dict[str, Any]:
    """Return what is kept with an item of where its picture was fetched."""
    about: dict[str, Any] = {"source_url": origin.address, "source_size": origin.size}
    return about | ({"source_etag": origin.mark} if origin.mark else {})
