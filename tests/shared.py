"""Where the recorded label sets with known truth lie.

They carry licences of their own and are never part of the project: the folder named by LABELER_SHARED, else `shared`
beside the project root. Note: their absence is normal: tests skip and say why.
"""

import os
from pathlib import Path

import pytest

_BESIDE_THE_PROJECT = Path(__file__).resolve().parents[2] / "shared"


def shared_data() -> Path | None:
    """Return the `data` folder of the shared sets, or None where there is none."""
    return _folder("data")


def shared_case_or_skip(*path: str) -> Path:
    """Return the folder of a shared case, files that went wrong once, or skip the running test with the reason."""
    folder = _folder("cases", *path)
    if folder is None:
        pytest.skip("shared cases absent: set LABELER_SHARED or put `shared` beside the project")
    return folder


def _folder(*path: str) -> Path | None:
    folder = Path(os.environ.get("LABELER_SHARED") or _BESIDE_THE_PROJECT).joinpath(*path)
    return folder if folder.is_dir() else None


def shared_data_or_skip() -> Path:
    """Return the `data` folder of the shared sets, or skip the running test with the reason."""
    folder = shared_data()
    if folder is None:
        pytest.skip("shared label sets absent: set LABELER_SHARED or put `shared` beside the project")
    return folder
