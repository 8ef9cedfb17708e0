"""Files in buckets: S3 and what speaks like it, Google Cloud Storage, Azure Blob Storage, by fsspec.

Who opens a bucket is said by the environment of the server, as each of these stores knows it (AWS_ACCESS_KEY_ID, a role
of the machine, AWS_ENDPOINT_URL for MinIO, …) or by fsspec's own files and variables; nothing of it comes from a page.

Note: fsspec keeps what it listed, so that a file that was changed meanwhile would look as it was.
It is told not to. Listings of S3 are read page by page: as one list a million files take two gigabytes.
"""

import functools
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from labeler.errors import Forbidden, Invalid, NotFound, Unavailable
from labeler.remote.addresses import Address
from labeler.remote.found import Fetched, Found

PAGE = 1000  # names in an answer; S3 sends no more
_PIECE = 4 * 1024 * 1024
_PACKAGES = {"s3": "s3fs", "gs": "gcsfs", "az": "adlfs"}
_FAILURES = (  # what the libraries below fsspec raise as it is
    ("botocore.exceptions", "BotoCoreError"),
    ("botocore.exceptions", "ClientError"),
    ("aiohttp", "ClientError"),
    ("gcsfs.retry", "HttpError"),
    ("google.auth.exceptions", "GoogleAuthError"),
    ("azure.core.exceptions", "AzureError"),
)
_MARKS = ("ETag", "etag", "md5Hash", "content_md5", "LastModified", "last_modified", "mtime")


def state(address: Address) -> Found:
    """Return what is known of a file; raises NotFound, Forbidden, Unavailable, or Invalid without the package."""
    with _told(address):
        about = _store(address.scheme).info(_path(address))
    if about.get("type") != "file" or address.path.endswith("/"):
        raise NotFound("There is no file at {address}.", address=str(address))
    return _found(address, about)


def read(found: Found, limit: int) -> Fetched:
    """Return a whole file whose state is known; raises also Invalid over `limit` bytes."""
    size = found.size or 0
    if size > limit:
        raise Invalid("{address} is larger than {most:,} bytes.", address=str(found.address), most=limit)
    if not size:
        return Fetched(b"", found.mark)  # S3 refuses to send the first bytes of none
    with _told(found.address):
        data: bytes = _store(found.address.scheme).cat_file(_path(found.address), start=0, end=size)
    return Fetched(data, found.mark)


def pieces(found: Found, limit: int) -> Iterator[bytes]:
    """Yield a file in pieces; raises as `read`."""
    if (found.size or 0) > limit:
        raise Invalid("{address} is larger than {most:,} bytes.", address=str(found.address), most=limit)
    for start in range(0, found.size or 0, _PIECE):
        end = min(start + _PIECE, found.size or 0)
        with _told(found.address):
            piece: bytes = _store(found.address.scheme).cat_file(_path(found.address), start=start, end=end)
        yield piece


def below(address: Address) -> Iterator[Found]:
    """Yield the files in a folder and all folders in it, or those like a pattern; raises as `state`."""
    fits = _fitting(address)
    found = _pages_of_s3(address) if address.scheme == "s3" else _walked(address)
    return (one for one in found if fits(one.address.path))


def _fitting(address: Address) -> Callable[[str], bool]:
    if not address.is_pattern:
        return lambda path: not path.endswith("/")
    from fsspec.utils import glob_translate

    like = re.compile(glob_translate(address.path))
    return lambda path: like.match(path) is not None and not path.endswith("/")


def _pages_of_s3(address: Address) -> Iterator[Found]:
    prefix = address.path if not address.is_pattern else _beginning(address.path)
    asked: dict[str, Any] = {"Bucket": address.host, "Prefix": prefix, "MaxKeys": PAGE}
    while True:
        with _told(address):
            page = _store("s3").call_s3("list_objects_v2", **asked)
        for one in page.get("Contents", ()):
            yield Found(address._replace(path=one["Key"]), one["Size"], one["ETag"].strip('"'))
        if not page.get("IsTruncated"):
            return
        asked["ContinuationToken"] = page["NextContinuationToken"]


def _beginning(pattern: str) -> str:
    """Return what all names begin with that a pattern fits."""
    return pattern[: min(place for sign in "*?[" if (place := pattern.find(sign)) >= 0)]


def _walked(address: Address) -> Iterator[Found]:
    folder = address.folder if address.is_pattern else address
    left = [_path(folder).rstrip("/")]
    while left:
        with _told(address):
            inside: Iterable[dict[str, Any]] = _store(address.scheme).ls(left.pop(), detail=True)
        for about in sorted(inside, key=lambda about: str(about["name"])):
            if about["type"] == "directory":
                left.append(about["name"])
            else:
                path = str(about["name"]).removeprefix(f"{address.host}/")
                yield _found(address._replace(path=path), about)


def _found(address: Address, about: dict[str, Any]) -> Found:
    mark = next((str(about[name]) for name in _MARKS if about.get(name)), "")
    size = about.get("size")
    return Found(address, int(size) if size is not None else None, mark.strip('"'))


def _path(address: Address) -> str:
    return f"{address.host}/{address.path}"


@functools.cache
def _store(scheme: str) -> Any:
    try:
        import fsspec

        return fsspec.filesystem(scheme, use_listings_cache=False)
    except ImportError as error:
        raise Invalid(
            "{scheme}:// needs the package {package}, which is not installed. Whoever runs the server installs it: "
            "pip install '{install}'",
            field="address",
            scheme=scheme,
            package=_PACKAGES[scheme],
            install="labeler[remote]" if scheme == "s3" else _PACKAGES[scheme],
        ) from error


def forget() -> None:
    """Open buckets anew at the next request, as the environment says by then."""
    _store.cache_clear()


@contextmanager
def _told(address: Address) -> Iterator[None]:
    """Say in our words what a store says."""
    try:
        yield
    except FileNotFoundError as error:
        raise NotFound("There is no file at {address}.", address=str(address)) from error
    except PermissionError as error:
        raise _closed(address) from error
    except _failures() as error:
        if "Credentials" in type(error).__name__:
            raise _closed(address) from error
        reason = (str(error) or type(error).__name__)[:200]
        raise Unavailable("{address} cannot be fetched now ({reason}).", address=str(address), reason=reason) from error


def _closed(address: Address) -> Forbidden:
    return Forbidden(
        "{address} is not open to this server; whoever runs it has to give it a key that opens it.",
        address=str(address),
    )


def _failures() -> tuple[type[Exception], ...]:
    """Return what can go wrong outside, with the errors of those libraries that are in use."""
    there = ((sys.modules.get(module), name) for module, name in _FAILURES)
    return OSError, ValueError, *(getattr(module, name) for module, name in there if hasattr(module, name))
