"""A real S3 server on this machine, with a bucket in it: moto's, on a free port, for as long as the tests need it."""

import io
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from PIL import Image

from labeler.remote import bucket

KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "us-east-1"}


@dataclass(frozen=True)
class Bucket:
    """One bucket. store: fsspec's own view of it, for putting things there and looking what is."""

    name: str
    endpoint: str
    store: Any

    @property
    def address(self) -> str:
        return f"s3://{self.name}/"

    @property
    def environment(self) -> dict[str, str]:
        """What another process needs to open it, and to be allowed to."""
        return {**os.environ, **KEYS, "AWS_ENDPOINT_URL": self.endpoint, "LABELER_REMOTE": self.address}

    def put(self, key: str, data: bytes) -> str:
        self.store.pipe_file(f"{self.name}/{key}", data)
        return f"s3://{self.name}/{key}"

    def put_all(self, files: Mapping[str, bytes]) -> None:
        for key, data in files.items():
            self.put(key, data)

    def remove(self, key: str) -> None:
        self.store.rm_file(f"{self.name}/{key}")


@contextmanager
def serving() -> Iterator[str]:
    """Serve S3 on loopback at a free port; yields its address."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.stop()


@contextmanager
def opened(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """Make a bucket, and open buckets of that server for this process."""
    import fsspec

    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setitem(fsspec.config.conf, "s3", {"endpoint_url": endpoint})
    bucket.forget()
    name = f"b{secrets.token_hex(8)}"
    store = fsspec.filesystem("s3", use_listings_cache=False)
    store.mkdir(name)
    yield Bucket(name, endpoint, store)
    bucket.forget()


def picture(number: int, edge: int = 24) -> bytes:
    """Return a small PNG that no other number gives."""
    buffer = io.BytesIO()
    Image.new("RGB", (edge, edge), (number % 251, number // 251 % 251, 77)).save(buffer, "PNG")
    return buffer.getvalue()
