"""Pictures that stay in a bucket: shown as they were imported or not at all, with copies in an amount of room."""

import os
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from labeler.config import Settings
from labeler.errors import NotFound, Unavailable
from labeler.exchange.elsewhere import image_at
from labeler.remote.addresses import Allowed, parsed
from labeler.remote.elsewhere import Elsewhere
from labeler.remote.files import Keep, Origin
from labeler.storage import references
from labeler.storage.backup import instance_files
from labeler.storage.files import DISPLAY, ORIGINALS, FileStore, StoredImage
from labeler.storage.pictures import DISPLAY_EDGE
from labeler.storage.references import REFERENCES, References
from labeler.storage.unnamed import remove_unnamed
from tests.buckets import Bucket, picture
from tests.storage.pictures import decoded, encoded, gradient

LARGE = encoded(gradient(DISPLAY_EDGE + 200, 900), "JPEG")


class Clock:
    """Seconds that pass when a test says so."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def elsewhere(bucket: Bucket) -> Elsewhere:
    return Elsewhere(Allowed.of([bucket.address]))


@pytest.fixture
def store(tmp_path: Path, elsewhere: Elsewhere) -> FileStore:
    return FileStore(tmp_path / "files", elsewhere=elsewhere)


@pytest.fixture
def clock(store: FileStore) -> Clock:
    ticking = Clock()
    store.references = References(store.root, store.elsewhere, clock=ticking)
    return ticking


def put(store: FileStore, address: str, keep: Keep = "reference") -> StoredImage:
    (stored,) = store.put_images([image_at(store.elsewhere, parsed(address), keep, 10**8)])
    assert isinstance(stored, StoredImage), stored
    return stored


def test_a_reference_keeps_our_copies_and_where_the_picture_lies_but_not_the_picture(
    store: FileStore, bucket: Bucket
) -> None:
    address = bucket.put("a.jpg", LARGE)
    stored = put(store, address)
    mark = bucket.store.info(f"{bucket.name}/a.jpg")["ETag"].strip('"')
    assert stored.origin == Origin(address, len(LARGE), mark)
    assert (stored.width, stored.height) == (DISPLAY_EDGE + 200, 900)
    assert list(store.hashes(ORIGINALS)) == []
    assert list(store.hashes(REFERENCES)) == list(store.hashes(DISPLAY)) == [stored.hash]
    assert store.references.of(stored.hash) == [stored.origin]
    assert store.read_original(stored.hash) == LARGE
    served = (store.open_whole(stored.hash), store.open_display(stored.hash), store.open_thumb(stored.hash))
    assert [max(decoded(one.path.read_bytes()).size) for one in served] == [DISPLAY_EDGE + 200, DISPLAY_EDGE, 256]


def test_a_copy_keeps_the_picture_and_says_where_it_came_from(store: FileStore, bucket: Bucket) -> None:
    stored = put(store, bucket.put("a.png", picture(1)), "copy")
    bucket.remove("a.png")
    assert stored.origin is not None
    assert store.read_original(stored.hash) == picture(1)
    assert list(store.hashes(REFERENCES)) == []
    store.confirm(stored.hash)


def test_a_picture_that_was_copied_after_all_needs_its_bucket_no_more(store: FileStore, bucket: Bucket) -> None:
    address = bucket.put("a.png", picture(1))
    stored = put(store, address)
    assert put(store, address, "copy") == stored
    assert put(store, address) == stored
    bucket.remove("a.png")
    store.confirm(stored.hash)
    assert store.read_original(stored.hash) == picture(1)


def test_another_picture_at_the_address_is_said_and_never_shown(store: FileStore, bucket: Bucket, clock: Clock) -> None:
    stored = put(store, bucket.put("a.png", picture(1)))
    store.confirm(stored.hash)
    bucket.put("a.png", picture(2))
    clock.now += references.ASKED_AGAIN_AFTER
    for ask in (store.confirm, store.read_original):
        with pytest.raises(NotFound, match=r"a\.png is another one by now"):
            ask(stored.hash)
    bucket.put("a.png", picture(1))
    store.confirm(stored.hash)
    assert store.read_original(stored.hash) == picture(1)


def test_a_picture_that_is_gone_is_said(store: FileStore, bucket: Bucket, clock: Clock) -> None:
    stored = put(store, bucket.put("a.png", picture(1)))
    bucket.remove("a.png")
    clock.now += references.ASKED_AGAIN_AFTER
    for ask in (store.confirm, store.read_original):
        with pytest.raises(NotFound, match="is gone"):
            ask(stored.hash)


def test_an_answer_is_believed_for_a_while(store: FileStore, bucket: Bucket, clock: Clock) -> None:
    stored = put(store, bucket.put("a.png", picture(1)))
    store.confirm(stored.hash)
    bucket.remove("a.png")
    clock.now += references.ASKED_AGAIN_AFTER - 1
    store.confirm(stored.hash)
    clock.now += 1
    with pytest.raises(NotFound):
        store.confirm(stored.hash)


def test_the_same_picture_with_another_etag_is_the_same(store: FileStore, bucket: Bucket) -> None:
    stored = put(store, bucket.put("a.png", picture(1)))
    assert stored.origin is not None
    store.references.path(stored.hash).write_text(f'[["{stored.origin.address}", {stored.origin.size}, "older"]]')
    store.confirm(stored.hash)
    assert store.references.of(stored.hash) == [stored.origin], "and the new one is kept"


def test_a_place_that_does_not_answer_says_nothing(
    store: FileStore, bucket: Bucket, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = put(store, bucket.put("a.png", picture(1)))

    def busy(*_: object) -> None:
        raise Unavailable("busy")

    monkeypatch.setattr("labeler.remote.bucket.state", busy)
    clock.now += 10 * references.ASKED_AGAIN_AFTER
    store.confirm(stored.hash)
    assert store.open_display(stored.hash).size > 0
    with pytest.raises(Unavailable):
        store.read_original(stored.hash)


def test_a_place_that_is_not_allowed_any_more_is_not_asked(store: FileStore, bucket: Bucket) -> None:
    stored = put(store, bucket.put("a.png", picture(1)))
    other = FileStore(store.root, elsewhere=Elsewhere(Allowed.of(["s3://other/"])))
    for ask in (other.confirm, other.read_original):
        with pytest.raises(NotFound, match="LABELER_REMOTE"):
            ask(stored.hash)


def test_one_picture_at_two_addresses_is_found_at_either(store: FileStore, bucket: Bucket, clock: Clock) -> None:
    first, second = (put(store, bucket.put(key, picture(1))) for key in ("a.png", "b.png"))
    assert first.hash == second.hash
    assert [one.address for one in store.references.of(first.hash)] == [f"{bucket.address}{k}.png" for k in "ab"]
    bucket.remove("a.png")
    clock.now += references.ASKED_AGAIN_AFTER
    store.confirm(first.hash)
    assert store.read_original(first.hash) == picture(1)


def test_copies_nobody_looks_at_are_let_go_and_made_again(bucket: Bucket, elsewhere: Elsewhere, tmp_path: Path) -> None:
    store = FileStore(tmp_path / "files", elsewhere=elsewhere, most_copies=1)
    stored = put(store, bucket.put("a.jpg", LARGE))
    kept = put(store, bucket.put("b.jpg", encoded(gradient(DISPLAY_EDGE, 800), "JPEG")), "copy")
    assert store.room.make() == 0, "what was looked at this minute stays"
    for path in store.root.glob("display/*/*"):
        os.utime(path, (time.time() - 90, time.time() - 90))
    assert store.room.make() == 1
    assert not store.display_path(stored.hash).exists()
    assert store.display_path(kept.hash).exists(), "of pictures that are kept here everything stays"
    assert store.open_thumb(stored.hash).size > 0
    assert store.display_to_read(stored.hash).exists(), "a label check reads it too"
    store.display_path(stored.hash).unlink()
    assert store.open_display(stored.hash).size > 0
    store.display_path(stored.hash).unlink()
    bucket.remove("a.jpg")
    assert not store.display_to_read(stored.hash).exists()
    with pytest.raises(NotFound, match="is gone"):
        store.open_display(stored.hash)


def test_a_picture_that_cannot_be_fetched_fails_the_batch_and_one_that_is_gone_only_itself(
    store: FileStore, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = image_at(store.elsewhere, parsed(bucket.put("a.png", picture(1))), "reference", 10**6)
    gone = image_at(store.elsewhere, parsed(f"{bucket.address}gone.png"), "reference", 10**6)
    large = image_at(store.elsewhere, there.address, "copy", 10)
    results = store.put_images([there, gone, large])
    assert isinstance(results[0], StoredImage)
    assert [str(getattr(one, "reason", "")) for one in results[1:]] == [
        f"it cannot be fetched: There is no file at {gone.address}.",
        f"{there.address} is larger than 10 bytes.",
    ]

    def busy(*_: object) -> None:
        raise Unavailable("busy")

    monkeypatch.setattr("labeler.remote.bucket.read", busy)
    with pytest.raises(Unavailable):
        store.put_images([there])


def test_references_are_backed_up_and_go_with_their_items(
    store: FileStore, bucket: Bucket, settings: Settings, elsewhere: Elsewhere
) -> None:
    store = FileStore(settings.files, elsewhere=elsewhere)
    stored = put(store, bucket.put("a.png", picture(1)))
    backed_up = [name for name, _ in instance_files(settings)]
    assert f"files/{REFERENCES}/{stored.hash[:2]}/{stored.hash}" in backed_up
    named: Callable[..., set[str]] = lambda _: set()  # noqa: E731
    day = 24 * 3600.0
    assert remove_unnamed(store, partial(named), now=time.time()) == 0
    assert remove_unnamed(store, partial(named), now=time.time() + day + 1) == 1
    assert list(store.hashes(REFERENCES)) == list(store.hashes(DISPLAY)) == []


def test_a_setting_says_how_much_room_there_is(settings: Settings) -> None:
    assert FileStore.of(replace(settings, remote_cache=5, remote=("s3://b/",))).room.most == 5
