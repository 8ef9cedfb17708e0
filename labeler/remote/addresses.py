"""Addresses of files elsewhere, taken apart, and the places that whoever runs the server allows.

An address is `s3://bucket/key`, `gs://bucket/key`, `az://container/key` or `https://host/path`. Nothing else is one: no
chains of file systems, no files of this machine, no names and passwords in it.

Note: what is compared is never text. `https://a.example@b.example/` begins like a place that is
allowed, and so does `s3://bucket/prefix-of-somebody-else`; so scheme, host and whole folders are compared.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from labeler.errors import Invalid

BUCKETS = ("s3", "gs", "az")
WEB = ("https", "http")
LONGEST = 2048
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://(.*)", re.IGNORECASE | re.DOTALL)
_HOST = re.compile(r"[a-z0-9._-]+(:\d{1,5})?|\[[0-9a-f:.]+\](:\d{1,5})?")
_WILD = re.compile(r"[*?\[]")


class Address(NamedTuple):
    """One place elsewhere. host: the bucket, container or host with its port; path: without the slash before it."""

    scheme: str
    host: str
    path: str
    query: str = ""

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}/{self.path}"

    @property
    def whole(self) -> str:
        """The address as it is asked, with what follows a question mark; that may hold a key, so it is not shown."""
        return f"{self}?{self.query}" if self.query else str(self)

    @property
    def is_web(self) -> bool:
        """Whether it is on a website, where nobody lists what there is."""
        return self.scheme in WEB

    @property
    def name(self) -> str:
        """The last part of the path."""
        return PurePosixPath(self.path).name

    @property
    def is_pattern(self) -> bool:
        """Whether it stands for all files whose names are like it (`*`, `?`, `[ab]`, `**`)."""
        return not self.is_web and bool(_WILD.search(self.path))

    @property
    def folder(self) -> "Address":
        """The folder in which all lies that the address stands for: of a pattern the deepest one without a sign."""
        parts = self.path.split("/")
        signs = (n for n, part in enumerate(parts) if self.is_pattern and _WILD.search(part))
        return self._replace(path="".join(f"{part}/" for part in parts[: next(signs, len(parts) - 1)]), query="")

    def beside(self, name: str) -> "Address":
        """Return what a relative name means in the folder of this address."""
        return parsed(f"{self.folder}{name}")


def is_address(text: str) -> bool:
    """Say whether a text is meant as an address of a file elsewhere."""
    found = _SCHEME.match(text)
    return found is not None and found[1].lower() in (*BUCKETS, *WEB)


def parsed(text: str) -> Address:
    """Take an address apart; raises Invalid for what is none, or is more than one."""
    found = _SCHEME.fullmatch(text.strip())
    if found is None or found[1].lower() not in (*BUCKETS, *WEB) or len(text) > LONGEST:
        raise Invalid(
            "{text!r} is no address of files elsewhere; those begin with {schemes}.",
            field="address",
            text=text[:200],
            schemes=", ".join(f"{scheme}://" for scheme in (*BUCKETS, "https")),
        )
    scheme = found[1].lower()
    if scheme in WEB:
        parts = urlsplit(text.strip())
        host, path, query = parts.netloc.lower(), parts.path, parts.query
    else:
        host, _, path = found[2].partition("/")
        query = ""
    path = path.removeprefix("/")
    shown = unquote(path) if scheme in WEB else path
    honest = text.isprintable() and _HOST.fullmatch(host.lower()) and "\\" not in shown and "::" not in text
    if not honest or ".." in shown.split("/") or (scheme in WEB and ("%2f" in path.lower() or "#" in text)):
        raise Invalid("{text!r} is no plain address of a file elsewhere.", field="address", text=text[:200])
    return Address(scheme, host, path, query)


@dataclass(frozen=True, slots=True)
class Allowed:
    """The places that may be asked, each with all that lies below it."""

    places: tuple[Address, ...] = ()

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Allowed":
        """Take the setting LABELER_REMOTE apart; raises Invalid."""
        return cls(tuple(_place(text) for text in texts))

    def holds(self, address: Address) -> bool:
        """Say whether an address, and of a pattern all it stands for, lies in one of the places."""
        asked = address.folder if address.is_pattern else address
        return any(_lies_in(asked, place) for place in self.places)

    def check(self, address: Address) -> None:
        """Raise Invalid where an address may not be asked, saying who can change that."""
        if not self.places:
            raise Invalid(
                "This server fetches nothing from elsewhere. Whoever runs it can allow places by the setting "
                "LABELER_REMOTE, such as LABELER_REMOTE=s3://bucket/folder.",
                field="address",
            )
        if not self.holds(address):
            raise Invalid(
                "This server may not fetch {address}. It may fetch what lies in {places}; whoever runs it can add "
                "places to the setting LABELER_REMOTE.",
                field="address",
                address=str(address),
                places=", ".join(map(str, self.places)),
            )

    def with_also(self, address: Address) -> "Allowed":
        """Return the places and the folder in which an address lies."""
        return Allowed((*self.places, address.folder))


def _place(text: str) -> Address:
    try:
        place = parsed(text)
    except Invalid as error:
        raise Invalid(
            "LABELER_REMOTE holds {text!r}, which is no place such as s3://bucket/folder or https://data.example.org/.",
            field="LABELER_REMOTE",
            text=text,
        ) from error
    if place.is_pattern or place.query:
        raise Invalid(
            "LABELER_REMOTE holds {text!r}; name a folder, without a pattern or a query.",
            field="LABELER_REMOTE",
            text=text,
        )
    return place


def _lies_in(address: Address, place: Address) -> bool:
    if (address.scheme, _with_port(address)) != (place.scheme, _with_port(place)):
        return False
    asked = unquote(address.path) if address.is_web else address.path
    folder = (unquote(place.path) if place.is_web else place.path).rstrip("/")
    return not folder or asked.rstrip("/") == folder or asked.startswith(f"{folder}/")


def _with_port(address: Address) -> str:
    """Return the host as it is connected to: the usual port need not be written."""
    usual = {"https": ":443", "http": ":80"}.get(address.scheme, "")
    return address.host.removesuffix(usual) if usual else address.host
