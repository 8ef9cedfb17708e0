import errno
import hashlib
import os
import threading
from pathlib import Path

import pytest

from labeler.errors import Invalid, NotFound, Unavailable
from labeler.storage.files import FileStore, Problem, StoredImage
from tests.storage.pictures import decoded, encoded, gradient

SMALL = encoded(gradient(40, 30))
LARGE = encoded(gradient(2000, 1000), "JPEG")
ORIENTATION_6 = b"\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"  # turned by a quarter


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "images")


def put(store: FileStore, data: bytes) -> StoredImage:
    (result,) = store.put_images([data])
    assert isinstance(result, StoredImage)
    return result


def kept(store: FileStore) -> list[str]:
    return sorted(str(path.relative_to(store.root)) for path in store.root.rglob("*") if path.is_file())


def test_an_image_is_named_by_its_content_and_kept_as_it_was(store: FileStore) -> None:
    image = put(store, LARGE)
    assert image == StoredImage(hashlib.sha256(LARGE).hexdigest(), 2000, 1000, "image/jpeg")
    assert store.read_original(image.hash) == LARGE
    assert kept(store) == [f"{kind}/{image.hash[:2]}/{image.hash}" for kind in ("display", "originals", "thumbs")]


def test_what_is_served_was_encoded_here(store: FileStore) -> None:
    image = put(store, LARGE)
    for served, size in ((store.open_display(image.hash), (1600, 800)), (store.open_thumb(image.hash), (256, 128))):
        data = served.path.read_bytes()
        assert decoded(data).size == size
        assert (served.content_type, served.size) == ("image/jpeg", len(data))
        assert served.path != store.original_path(image.hash)


def test_a_small_picture_is_its_own_thumbnail(store: FileStore) -> None:
    image = put(store, SMALL)
    assert store.open_thumb(image.hash) == store.open_display(image.hash)
    assert image.content_type == "image/webp"
    assert len(kept(store)) == 2


def test_the_copy_at_full_size_is_made_when_it_is_asked_for_and_kept(
    store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    turned = encoded(gradient(2000, 1000), "JPEG", exif=b"Exif\x00\x00MM\x00*\x00\x00\x00\x08" + ORIENTATION_6)
    image = put(store, turned)
    assert len(kept(store)) == 3
    served = store.open_whole(image.hash)
    data = served.path.read_bytes()
    assert decoded(data).size == (image.width, image.height) == (1000, 2000)
    assert (served.content_type, b"Exif" in data) == ("image/jpeg", False)
    monkeypatch.setattr("labeler.storage.files.render_whole", lambda _: pytest.fail("made again"))
    assert store.open_whole(image.hash) == served
    assert len(kept(store)) == 4


def test_a_picture_no_larger_than_its_display_copy_has_no_other_copy(store: FileStore) -> None:
    image = put(store, SMALL)
    assert store.open_whole(image.hash) == store.open_display(image.hash)
    assert len(kept(store)) == 2


def test_an_original_that_was_damaged_on_disk_is_not_found_at_full_size(store: FileStore) -> None:
    image = put(store, LARGE)
    store.original_path(image.hash).write_bytes(LARGE[: len(LARGE) // 2])
    with pytest.raises(NotFound):
        store.open_whole(image.hash)


def test_a_batch_keeps_its_order_and_bad_images_stop_nothing(store: FileStore) -> None:
    def refused() -> bytes:
        raise Invalid("larger than 5 bytes")

    cut = SMALL[: len(SMALL) // 2]
    results = store.put_images([SMALL, b"<html>", LARGE, b"", cut, lambda: SMALL, refused])
    assert [type(result) for result in results] == [
        StoredImage,
        Problem,
        StoredImage,
        Problem,
        Problem,
        StoredImage,
        Problem,
    ]
    assert results[0] == results[5]
    reasons = [result.reason for result in results if isinstance(result, Problem)]
    assert [reason.split(" ")[0] for reason in reasons] == ["Not", "The", "The", "larger"]
    assert len(list(store.hashes())) == 2
    assert not list((store.root / "tmp").iterdir())


def test_an_empty_batch_touches_nothing(store: FileStore) -> None:
    assert store.put_images([]) == []
    assert not store.root.exists()


def test_the_same_image_again_is_found_not_made_again(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    first = [put(store, SMALL), put(store, LARGE)]
    monkeypatch.setattr("labeler.storage.files.render", lambda _: pytest.fail("decoded again"))
    assert [put(store, SMALL), put(store, LARGE)] == first


@pytest.mark.parametrize("lost", ["display", "thumbs", "originals"])
def test_what_a_crash_left_out_is_made_again(store: FileStore, lost: str) -> None:
    image = put(store, LARGE)
    (store.root / lost / image.hash[:2] / image.hash).unlink()
    assert put(store, LARGE) == image
    assert len(kept(store)) == 3


def test_the_same_image_many_times_at_once_is_kept_once(store: FileStore) -> None:
    results: list[StoredImage | Problem] = []
    threads = [threading.Thread(target=lambda: results.extend(store.put_images([SMALL] * 8))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(results)) == 1
    assert len(kept(store)) == 2


def test_names_are_durable_before_anyone_hears_of_them(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each file is flushed before it gets its name, and each folder that holds a new name after it."""
    log: list[tuple[str, str]] = []
    flush, rename = os.fsync, Path.replace

    def logged_flush(descriptor: int) -> None:
        log.append(("flush", str(Path(f"/proc/self/fd/{descriptor}").readlink())))
        flush(descriptor)

    def logged_rename(self: Path, target: Path) -> Path:
        log.append(("rename", f"{self}>{target}"))
        return rename(self, target)

    if not Path("/proc/self/fd").exists():
        pytest.skip("needs /proc to see which file a descriptor is")
    monkeypatch.setattr(os, "fsync", logged_flush)
    monkeypatch.setattr(Path, "replace", logged_rename)
    put(store, LARGE)
    renames = [entry for kind, entry in log if kind == "rename"]
    assert len(renames) == 3
    for entry in renames:
        temporary, target = entry.split(">")
        at = log.index(("rename", entry))
        folder = Path(target).parent
        assert log.index(("flush", temporary)) < at
        assert log.index(("flush", str(folder))) > at
        assert log.index(("flush", str(folder.parent))) > at
    assert ("flush", str(store.root)) in log


@pytest.mark.parametrize("fault", [errno.ENOSPC, errno.EIO])
def test_a_disk_that_fails_leaves_nothing_half_written(
    store: FileStore, monkeypatch: pytest.MonkeyPatch, fault: int
) -> None:
    put(store, SMALL)

    def fail(_: int) -> None:
        raise OSError(fault, os.strerror(fault))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", fail)
        with pytest.raises(Unavailable, match=os.strerror(fault)):
            store.put_images([LARGE])
    assert len(kept(store)) == 2
    put(store, LARGE)
    assert len(kept(store)) == 5


def test_a_folder_that_cannot_be_made_is_said_to_be_so(tmp_path: Path) -> None:
    (tmp_path / "images").write_text("in the way")
    with pytest.raises(Unavailable, match="cannot be made"):
        FileStore(tmp_path / "images").put_images([SMALL])


@pytest.mark.parametrize("name", ["", "..", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "\n", "a" * 65])
def test_only_hashes_are_looked_up(store: FileStore, name: str) -> None:
    for look_up in (store.open_display, store.open_thumb, store.open_whole, store.read_original, store.original_path):
        with pytest.raises(NotFound):
            look_up(name)


def test_an_image_that_is_not_there_is_not_found(store: FileStore) -> None:
    for look_up in (store.open_display, store.open_thumb, store.open_whole, store.read_original):
        with pytest.raises(NotFound):
            look_up("0" * 64)
    assert list(store.hashes()) == []


def test_what_crashed_writers_left_is_swept_after_a_day(store: FileStore) -> None:
    leftover, running = store.root / "tmp" / "old", store.root / "tmp" / "new"
    leftover.parent.mkdir(parents=True)
    for path in (leftover, running):
        path.write_bytes(b"half")
    os.utime(leftover, (0, 0))
    put(store, SMALL)
    assert not leftover.exists()
    assert running.exists()
