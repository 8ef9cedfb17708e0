"""How a look at a file finds the items that are there, as its import will."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from labeler import workflow
from labeler.exchange.numbers import NUMBERS
from labeler.exchange.preview import Entries
from labeler.exchange.sources import ReadOptions, Source
from labeler.extensions import database, files
from labeler.extensions.access import project


def reach(source: Source, options: ReadOptions) -> tuple[Source, Callable[[Entries], Entries]]:
    """Return a source that knows the pictures that are items, and what finds the item of each of its rows."""
    there = workflow.pictures_there(database(), files(), project().id)
    if options.media == "image" and options.wants not in NUMBERS:
        source = replace(source, there=there)
    if options.wants == "items":
        return source, workflow.marked
    return source, partial(workflow.joined, database(), project().id, there)
