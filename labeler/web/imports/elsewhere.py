"""What lies in a bucket or on a website, as the pages of an import ask for it: kept as if somebody had sent it.

One file is fetched, so that what is imported is what was looked at. Of a folder, or of a picture, only where it lies is
kept; a look lists its first files, and the import all of them.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from labeler.errors import Forbidden, Invalid, NotFound, Unavailable
from labeler.exchange.elsewhere import beside, first_of_folder, image_at, of_address, reaching
from labeler.exchange.parsing.imagefolder import is_image
from labeler.exchange.sources import Limits, Source
from labeler.extensions import files, settings
from labeler.extensions.access import project
from labeler.remote.addresses import Address
from labeler.remote.files import Keep
from labeler.web.imports import uploads
from labeler.web.imports.forms import FilesForm, ReadingForm

MOST_LISTED = 1_000
"""Files of a folder that a look lists."""


def keep_from_elsewhere(form: FilesForm) -> uploads.Upload:
    """Keep what lies at an address; raises Invalid where it may not be fetched, or cannot be."""
    elsewhere = files().elsewhere
    told = of_address(elsewhere, form.address.data or "", kept_as(form))
    address = elsewhere.check(told["address"])
    try:
        listed = not elsewhere.is_file(address) or is_image(address.path)
        if listed:
            _folder(address, kept_as(form))  # raises where there is nothing

        def write(file: BinaryIO) -> None:
            file.writelines(_pieces(address, listed=listed))

        about = {"address": told["address"], "listed": listed, "reference": kept_as(form) == "reference"}
        return uploads.keep(settings().uploads, project().id, told["name"], write, elsewhere=about)
    except (NotFound, Forbidden, Unavailable) as error:
        raise Invalid("{reason}", field="address", reason=error.message) from error


def _pieces(address: Address, *, listed: bool) -> Iterator[bytes]:
    if listed:
        return iter([str(address).encode()])
    return files().elsewhere.pieces(address, settings().max_upload_bytes)


def source_of(kept: uploads.Upload, keep: Keep) -> Source:
    """Return a kept file as it is read; raises Invalid where it lies elsewhere and may not be fetched any more."""
    if not kept.address:
        return reaching(kept.source, files().elsewhere, keep)
    address = files().elsewhere.check(kept.address)
    if kept.listed:
        return _folder(address, keep)
    return reaching(replace(kept.source, find=beside(files().elsewhere, address, keep)), files().elsewhere, keep)


def _folder(address: Address, keep: Keep) -> Source:
    elsewhere = files().elsewhere
    if is_image(address.path) and elsewhere.is_file(address):
        picture = image_at(elsewhere, address, keep, Limits().image_bytes)
        return Source(str(address), files={address.name: picture})
    return first_of_folder(elsewhere, address, keep, MOST_LISTED)


def kept_as(form: FilesForm | ReadingForm) -> Keep:
    """Return what is kept of pictures that lie elsewhere."""
    return "reference" if form.keep.data == "reference" else "copy"
