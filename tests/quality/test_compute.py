"""Wherever folds and features are worked out, the numbers are the same, and a place that fails costs a note."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from socket import socket
from typing import Any

import numpy as np
import pytest

from labeler import workflow
from labeler.config import Settings, read_settings
from labeler.errors import Invalid
from labeler.quality import compute
from labeler.quality.dataset import Dataset, Examination
from labeler.quality.examine import examine
from labeler.quality.models import Inspection
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from tests.conftest import Made
from tests.quality.elsewhere import die_once, divide, square_and_process
from tests.quality.worlds import dataset, pictures, texts, with_mistakes


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The address of a cluster of two processes on this machine."""
    distributed = pytest.importorskip("distributed", reason='needs pip install "labeler[dask]"')
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None, silence_logs=50
    ) as running:
        yield f"dask://{running.scheduler_address.removeprefix('tcp://')}"


def look_at(world: Dataset) -> Examination:
    return examine(world, progress=lambda _share, _sentence: None, most_deals=1)


def same(one: Examination, other: Examination) -> None:
    for name in ("label_scores", "cleanlab_scores", "probabilities", "neighbours", "similarities", "clusters"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert [vars(finding) for finding in one.findings] == [vars(finding) for finding in other.findings]


def world_of(media: str, folder: Path) -> Dataset:
    contents, truth = texts((20, 20, 20)) if media == "text" else pictures(folder, (20, 20, 20))
    return dataset(contents, with_mistakes(truth, 0.1, 3))


@pytest.mark.slow
@pytest.mark.parametrize("media", ["text", "image"])
def test_a_cluster_of_two_gives_the_very_same_findings(media: str, tmp_path: Path, cluster: str) -> None:
    world = world_of(media, tmp_path)
    here = look_at(world)
    with compute.on(cluster) as said:
        there = look_at(world)
    assert not said
    same(here, there)


@pytest.mark.slow
def test_processes_of_this_machine_give_the_very_same_findings(tmp_path: Path) -> None:
    world = world_of("text", tmp_path)
    here = look_at(world)
    with compute.on("local://2") as said:
        same(here, look_at(world))
    assert not said


def test_work_is_done_on_the_workers_and_comes_back_in_order(cluster: str) -> None:
    arguments = iter(range(40))
    with compute.on(cluster):
        found = compute.run(square_and_process, arguments)
    assert [square for square, _ in found] == [number**2 for number in range(40)]
    processes = {process for _, process in found}
    assert len(processes) == 2
    assert not processes & {process for _, process in compute.run(square_and_process, [1])}


def test_a_worker_that_dies_costs_nothing_but_time(cluster: str, tmp_path: Path) -> None:
    with compute.on(cluster) as said:
        found = compute.run(die_once, [tmp_path / "died", None])
    assert found == ["again", "fine"]
    assert not said


def test_an_error_of_the_work_itself_is_raised_as_it_is_here(cluster: str) -> None:
    with compute.on(cluster) as said, pytest.raises(ZeroDivisionError):
        compute.run(divide, [1, 0])
    assert not said


def test_a_cluster_that_is_lost_on_the_way_leaves_the_rest_to_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    from distributed.comm import CommClosedError

    class Future:
        def __init__(self, number: int) -> None:
            self.number = number

        def result(self) -> str:
            if self.number == 2:
                raise CommClosedError("the line is dead")
            return f"there {self.number}"

    class Client:
        def nthreads(self) -> dict[str, int]:
            return {"a": 1}

        def submit(self, _function: Any, number: int, **_options: Any) -> Future:
            return Future(number)

        def close(self) -> None:
            """Nothing to close."""

    monkeypatch.setattr(compute, "_client", lambda _address, _said: Client())
    with compute.on("dask://a:1") as said:
        found = compute.run(lambda number: f"here {number}", range(5))
    assert found == ["there 0", "there 1", "here 2", "here 3", "here 4"]
    assert len(said) == 1
    assert "failed on the way (CommClosedError: the line is dead), so the rest was computed on this" in said[0]


def nobody() -> str:
    """Return the address of a port of this machine on which nobody listens."""
    with closing(socket()) as free:
        free.bind(("127.0.0.1", 0))
        return f"dask://127.0.0.1:{free.getsockname()[1]}"


def test_a_cluster_nobody_can_reach_is_told_in_the_notes_of_the_check(
    settings: Settings, database: Database, make_project: Callable[..., Made], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(compute, "SECONDS", 0.2)
    made, where = make_project(items=3), nobody()
    elsewhere = read_settings({"LABELER_COMPUTE": where}, instance=settings.instance)
    with closing(Database(elsewhere)) as other:
        inspection = workflow.inspect(other, FileStore(settings.files), made.id)
    with database.read() as session:
        found = session.get_one(Inspection, inspection)
    assert found.state == "done"
    assert f"The Dask cluster at {where.removeprefix('dask://')} could not be used" in found.summary["notes"][-1]


def test_a_cluster_without_labeler_is_not_waited_for(cluster: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compute, "_silence", lambda client: silence(client, monkeypatch))
    with compute.on(cluster) as said:
        assert compute.run(divide, [2]) == [0.5]
    assert "it does not answer; is Labeler installed there" in said[0]


def silence(client: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """Ask as ever, of a client whose task is never done."""

    class Never:
        def result(self, *, timeout: float) -> None:
            raise TimeoutError(timeout)

    monkeypatch.setattr(client, "submit", lambda *_arguments, **_options: Never())
    return ask(client)


ask = compute._silence


@pytest.mark.parametrize("theirs", ["1.0", None])
def test_a_cluster_with_other_versions_is_not_used(
    theirs: str | None, cluster: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    difference = compute._difference

    def with_another(found: Any) -> str:
        next(iter(found["workers"].values()))["packages"]["numpy"] = theirs
        return difference(found)

    monkeypatch.setattr(compute, "_difference", with_another)
    with compute.on(cluster) as said:
        assert compute.run(divide, [2]) == [0.5]
    assert f"it has numpy {theirs or '-'}, and here it is {np.__version__}" in said[0]


def test_a_missing_library_is_named_with_the_command_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with compute.on("dask://a:1") as said:
        assert compute.run(divide, [2]) == [0.5]
    assert 'pip install "labeler[dask]"' in said[0]


@pytest.mark.parametrize("text", ["dask:/a:1", "dask://a", "dask://:1", "local://0", "ray://a:1", "dask://a b:1"])
def test_a_place_that_is_none_is_refused_at_the_start(text: str) -> None:
    with pytest.raises(Invalid, match="LABELER_COMPUTE must be local"):
        read_settings({"LABELER_COMPUTE": text})


def test_places_that_are_known() -> None:
    for text, kept in {
        "": "",
        "local": "",
        " local://3 ": "local://3",
        "dask://[::1]:8786": "dask://[::1]:8786",
    }.items():
        assert read_settings({"LABELER_COMPUTE": text}).compute == kept
