"""What is known of a file elsewhere without its content, and what is fetched of it."""

from typing import NamedTuple

from labeler.remote.addresses import Address


class Found(NamedTuple):
    """A file that is there. size: bytes, None where nobody says; mark: its ETag or what else changes with it."""

    address: Address
    size: int | None
    mark: str


class Fetched(NamedTuple):
    """A file that was fetched whole. mark: as of `Found`."""

    data: bytes
    mark: str
