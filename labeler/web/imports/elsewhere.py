"""What lies in a bucket or on a website, as the pages of an import ask for it."""

from typing import Any

from labeler.exchange.elsewhere import of_address
from labeler.extensions import database, files
from labeler.extensions.access import project, user_id
from labeler.jobs.actions import enqueue
from labeler.jobs.models import IMPORT
from labeler.remote.files import Keep
from labeler.storage.database import clock
from labeler.web.imports.forms import FilesForm, ReadingForm


def start_from_elsewhere(form: FilesForm) -> int:
    """Ask for the import of what lies at an address; raises Invalid where it may not be fetched."""
    keep = kept_as(form)
    payload: dict[str, Any] = of_address(files().elsewhere, form.address.data or "", keep)
    payload |= {"format": None, "as": "items", "mapping": {}, "encoding": None, "keep": keep}
    with database().write() as db:
        return enqueue(db, project().id, IMPORT, payload=payload, by=user_id(), now=clock(db)).id


def kept_as(form: FilesForm | ReadingForm) -> Keep:
    """Return what is kept of pictures that lie elsewhere."""
    return "reference" if form.keep.data == "reference" else "copy"
