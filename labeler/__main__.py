"""`labeler …` and `python -m labeler …`: hands the command line the function that builds the web app.

Note on the garbage collector: what is loaded at the start never becomes garbage, but looking
through it again and again while it is loaded takes a sixth of the time, so the collector rests meanwhile.
"""

import gc
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from labeler.config import Settings


def main() -> None:
    """Run the command line. A request to stop ends it as an error would: what was opened is closed."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with _loading():
        from labeler.cli import labeler
    labeler(obj=_make_app)


def _make_app(settings: Settings) -> object:
    with _loading():
        from labeler.app import create_app  # Flask is loaded only for the commands that serve pages

        return create_app(settings)


@contextmanager
def _loading() -> Iterator[None]:
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()  # what is there now is never looked through again
        gc.enable()


if __name__ == "__main__":
    main()
