"""`labeler backup` and `labeler restore` as a person types them."""

import json
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from labeler.__main__ import _make_app
from labeler.cli import labeler
from labeler.config import read_settings
from labeler.projects import actions as projects
from labeler.storage.database import Database
from labeler.webhooks.actions import add_webhook
from labeler.webhooks.addresses import Allowed
from labeler.webhooks.events import EVENTS
from labeler.webhooks.models import Webhook
from tests import fresh
from tests.conftest import NOW


def test_a_backup_made_and_restored_by_commands_holds_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*arguments: str, status: int = 0) -> str:
        result = CliRunner().invoke(labeler, list(arguments), obj=_make_app)
        assert result.exit_code == status, result.output
        return result.stdout if status == 0 else result.stderr

    monkeypatch.setenv("LABELER_INSTANCE", str(tmp_path / "one"))
    run("user", "add", "ann@example.org", "--role", "lead")
    made = json.loads(run("backup", str(tmp_path / "b.zip"), "--json"))
    assert made["path"] == str(tmp_path / "b.zip")
    assert "not empty" in run("restore", str(tmp_path / "b.zip"), status=1)
    monkeypatch.setenv("LABELER_INSTANCE", str(tmp_path / "two"))
    found = json.loads(run("restore", str(tmp_path / "b.zip"), "--json"))
    assert found["tables"]["user"] == 1
    assert run("user", "add", "ann@example.org", "--role", "lead", status=1)


def test_webhooks_of_a_restored_copy_are_paused_until_a_lead_switches_them_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*arguments: str) -> str:
        result = CliRunner().invoke(labeler, list(arguments), obj=_make_app)
        assert result.exit_code == 0, result.output
        return result.stdout

    def paused(folder: str) -> list[bool]:
        with closing(Database(read_settings({}, instance=tmp_path / folder))) as database, database.read() as session:
            return [one.paused_at is not None for one in session.scalars(select(Webhook))]

    one = fresh.open_new(read_settings({}, instance=tmp_path / "one"))
    with closing(one) as database, database.write() as session:
        new = projects.NewProject("pets", "text", "classification", [("cat", ""), ("dog", "")])
        project = projects.create_project(session, new, by=None, now=NOW)
        for number in range(2):
            url = f"https://example.org/{number}"
            add_webhook(session, project.id, url, [*EVENTS], allowed=Allowed(), by=None, now=NOW)
    monkeypatch.setenv("LABELER_INSTANCE", str(tmp_path / "one"))
    backup = str(tmp_path / "b.zip")
    run("backup", backup)
    monkeypatch.setenv("LABELER_INSTANCE", str(tmp_path / "copy"))
    assert "2 webhooks are paused, so that a copy does not call" in run("restore", backup)
    assert (paused("one"), paused("copy")) == ([False, False], [True, True])
    monkeypatch.setenv("LABELER_INSTANCE", str(tmp_path / "instead"))
    assert json.loads(run("restore", backup, "--webhooks", "--json"))["webhooks_paused"] == 0
    assert paused("instead") == [False, False]
