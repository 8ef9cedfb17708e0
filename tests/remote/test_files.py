"""Files that are fetched ahead: each once, in order of asking, within an amount of memory."""

import threading

import pytest

from labeler.errors import Invalid, NotFound, Unavailable
from labeler.remote import files
from labeler.remote.addresses import parsed
from labeler.remote.files import AHEAD, Ahead, RemoteFile
from labeler.remote.found import Fetched, Found


class Store:
    """Files by number, and which were fetched."""

    def __init__(self, *sizes: int, suffix: str = "png") -> None:
        self.found = [Found(parsed(f"s3://b/{n}.{suffix}"), size, "m") for n, size in enumerate(sizes)]
        self.fetched: list[str] = []
        self._lock = threading.Lock()

    def read(self, found: Found) -> Fetched:
        with self._lock:
            self.fetched.append(found.address.name)
        return Fetched(b"x" * (found.size or 0), found.mark)


def test_those_after_the_one_that_is_asked_for_are_on_their_way() -> None:
    store = Store(*[1] * 40)
    ahead = Ahead(store.read, store.found)
    assert ahead.get(0).data == b"x"
    for place in range(1, AHEAD + 1):
        ahead.get(place)
    assert sorted(store.fetched) == sorted(set(store.fetched)), "each once"
    assert "0.png" in store.fetched


def test_files_of_another_kind_and_large_ones_wait_until_they_are_asked_for() -> None:
    store = Store(1, 1, 1)
    store.found[1] = store.found[1]._replace(address=parsed("s3://b/1.mp4"))
    store.found[2] = store.found[2]._replace(size=files.MOST_HELD)
    Ahead(store.read, store.found).get(0)
    assert store.fetched == ["0.png"]


def test_no_more_than_an_amount_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_HELD", 40)
    store = Store(*[10] * 60)
    ahead = Ahead(store.read, store.found)
    for place in range(60):
        assert len(ahead.get(place).data) == 10
        assert ahead._bytes <= 40
        assert sum(store.found[n].size or 0 for n in ahead._held) == ahead._bytes
    assert sorted(store.fetched) == sorted(set(store.fetched)), "each once, also where there is little room"


def test_what_failed_is_fetched_again_when_it_is_asked_for_again() -> None:
    store, fails = Store(1), [True]

    def read(found: Found) -> Fetched:
        if fails.pop() if fails else False:
            raise Unavailable("busy")
        return store.read(found)

    ahead = Ahead(read, store.found)
    with pytest.raises(Unavailable):
        ahead.get(0)
    assert ahead.get(0).data == b"x"


def test_a_file_that_is_gone_costs_itself_and_a_place_that_does_not_answer_everything() -> None:
    def gone() -> Fetched:
        raise NotFound("There is no file at {address}.", address="s3://b/x.png")

    def busy() -> Fetched:
        raise Unavailable("busy")

    with pytest.raises(Invalid, match=r"There is no file at s3://b/x\.png"):
        RemoteFile(parsed("s3://b/x.png"), gone)()
    with pytest.raises(Unavailable):
        RemoteFile(parsed("s3://b/x.png"), busy)()
