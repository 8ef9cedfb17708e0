"""Files in a bucket, against a real S3 server: what is there, what is fetched, and what is said of what is not."""

import sys

import pytest

from labeler.errors import Forbidden, Invalid, NotFound, Unavailable
from labeler.remote import bucket as buckets
from labeler.remote.addresses import Allowed, parsed
from labeler.remote.elsewhere import Elsewhere
from labeler.remote.found import Found
from tests.buckets import Bucket


def names(bucket: Bucket, pattern: str) -> list[str]:
    found = Elsewhere(Allowed.of([bucket.address])).below(parsed(f"{bucket.address}{pattern}"))
    return [one.address.path for one in found]


@pytest.fixture
def filled(bucket: Bucket) -> Bucket:
    bucket.put_all(
        {
            "set/a.png": b"a",
            "set/b.jpg": b"bb",
            "set/deep/c.png": b"ccc",
            "set/deep/er/d.png": b"dddd",
            "settings/key.png": b"secret",
            "set/folder/": b"",
            "top.png": b"t",
        }
    )
    return bucket


def test_a_file_is_known_by_its_size_and_etag(filled: Bucket) -> None:
    found = buckets.state(parsed(f"{filled.address}set/b.jpg"))
    assert (found.size, found.mark) == (2, "21ad0bd836b90d08f4cf640b4c298e7c")
    assert buckets.read(found, 2) == (b"bb", found.mark)
    filled.put("set/b.jpg", b"cc")
    assert buckets.state(parsed(f"{filled.address}set/b.jpg")).mark != found.mark, "nothing is remembered"


def test_an_empty_file_is_read_too(bucket: Bucket) -> None:
    bucket.put("nothing", b"")
    found = buckets.state(parsed(f"{bucket.address}nothing"))
    assert buckets.read(found, 5).data == b""
    assert list(buckets.pieces(found, 5)) == []


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("set/", ["set/a.png", "set/b.jpg", "set/deep/c.png", "set/deep/er/d.png"]),
        ("set", ["set/a.png", "set/b.jpg", "set/deep/c.png", "set/deep/er/d.png"]),
        ("set/*.png", ["set/a.png"]),
        ("set/**/*.png", ["set/a.png", "set/deep/c.png", "set/deep/er/d.png"]),
        ("set/*/*.png", ["set/deep/c.png"]),
        ("set/[ab].*", ["set/a.png", "set/b.jpg"]),
        ("nowhere/", []),
    ],
)
def test_folders_and_patterns_stand_for_the_files_in_them(filled: Bucket, asked: str, expected: list[str]) -> None:
    assert names(filled, asked) == expected


def test_a_list_of_several_pages_is_whole(filled: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buckets, "PAGE", 2)
    assert names(filled, "") == [
        *("set/a.png", "set/b.jpg", "set/deep/c.png", "set/deep/er/d.png", "settings/key.png", "top.png"),
    ]


def test_a_folder_is_no_file(filled: Bucket) -> None:
    elsewhere = Elsewhere(Allowed.of([filled.address]))
    told = {
        path: elsewhere.is_file(parsed(f"{filled.address}{path}")) for path in ("set/a.png", "set", "set/", "", "*")
    }
    assert told == {"set/a.png": True, "set": False, "set/": False, "": False, "*": False}


def test_what_is_not_there_is_said(bucket: Bucket) -> None:
    with pytest.raises(NotFound, match="There is no file at"):
        buckets.state(parsed(f"{bucket.address}gone.png"))
    with pytest.raises(NotFound):
        list(buckets.below(parsed("s3://no-such-bucket-anywhere/")))


def test_a_file_over_the_limit_is_not_fetched(bucket: Bucket) -> None:
    bucket.put("large", b"x" * 11)
    found = buckets.state(parsed(f"{bucket.address}large"))
    for ask in (lambda: buckets.read(found, 10), lambda: list(buckets.pieces(found, 10))):
        with pytest.raises(Invalid, match="larger than 10 bytes"):
            ask()


def test_a_server_without_a_key_says_who_has_to_give_one(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    type(bucket.store).clear_instance_cache()
    buckets.forget()
    with pytest.raises(Forbidden, match="whoever runs it has to give it a key"):
        buckets.state(parsed(f"{bucket.address}a.png"))
    type(bucket.store).clear_instance_cache()


@pytest.mark.parametrize(("scheme", "install"), [("s3", "labeler[remote]"), ("gs", "gcsfs"), ("az", "adlfs")])
def test_without_its_package_a_store_says_what_to_install(
    scheme: str, install: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fsspec

    def missing(*_: object, **__: object) -> None:
        raise ImportError("no package")

    monkeypatch.setattr(fsspec, "filesystem", missing)
    buckets.forget()
    with pytest.raises(Invalid) as refused:
        buckets.state(parsed(f"{scheme}://bucket/a"))
    assert f"pip install '{install}'" in str(refused.value)
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(Invalid, match="pip install"):
        buckets.state(parsed(f"{scheme}://bucket/a"))


def test_a_server_that_does_not_answer_is_not_taken_for_an_empty_one(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fsspec

    nobody = {"endpoint_url": "http://127.0.0.1:9", "config_kwargs": {"retries": {"max_attempts": 0}}}
    monkeypatch.setitem(fsspec.config.conf, "s3", nobody)
    monkeypatch.setattr(type(bucket.store), "retries", 1)
    buckets.forget()
    for ask in (buckets.state, lambda address: list(buckets.below(address))):
        with pytest.raises(Unavailable):
            ask(parsed(f"{bucket.address}a.png"))


def test_other_stores_are_walked_folder_by_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    import fsspec

    memory = fsspec.filesystem("memory")
    for path in ("box/set/a.png", "box/set/deep/c.png", "box/settings/k.png"):
        memory.pipe_file(f"/{path}", b"x")

    class Named:
        """The store in memory, with names as Google's and Azure's are: without a slash before them."""

        def ls(self, path: str, *, detail: bool) -> list[dict[str, object]]:
            return [{**one, "name": one["name"].strip("/")} for one in memory.ls(f"/{path}", detail=detail)]

    monkeypatch.setattr(buckets, "_store", lambda _: Named())
    found = list(buckets.below(parsed("gs://box/set/")))
    assert [one.address.path for one in found] == ["set/a.png", "set/deep/c.png"]
    assert [one.address.path for one in buckets.below(parsed("gs://box/set/*.png"))] == ["set/a.png"]
    assert isinstance(found[0], Found)
    memory.rm("/box", recursive=True)
