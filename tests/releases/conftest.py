"""Another instance, for releases that are made or brought back on two; and the API and commands."""

import secrets
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from labeler.__main__ import _make_app
from labeler.cli import labeler
from labeler.config import Settings, read_settings
from tests import fresh
from tests.api.conftest import Api


@pytest.fixture
def other(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Settings]:
    """Return a function that gives settings of one more instance on one of the databases."""

    def make(kind: str, *, empty: bool) -> Settings:
        folder = tmp_path / f"other-{secrets.token_hex(4)}"
        if kind == "sqlite":
            settings = read_settings({}, instance=folder)
            if not empty:
                fresh.open_new(settings).close()
            return settings
        uri: str = request.getfixturevalue("postgres")
        name = f"t{secrets.token_hex(6)}"
        fresh.create_on_postgres(uri, name, folder, empty=empty)
        request.addfinalizer(lambda: fresh.drop_on_postgres(uri, name, folder))
        return read_settings({"LABELER_DATABASE_URL": fresh.in_database(uri, name)}, instance=folder)

    return make


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("LABELER_INSTANCE", str(tmp_path / "instance"))

    def invoke(*arguments: str, status: int = 0) -> Result:
        result = CliRunner().invoke(labeler, list(arguments), obj=_make_app)
        assert result.exit_code == status, result.output
        return result

    return invoke


@pytest.fixture
def api(app: Flask, bearer: Callable[[str], dict[str, str]]) -> Api:
    return Api(app, bearer("olga"))
