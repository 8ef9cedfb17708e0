"""`labeler backup` and `labeler restore` as a person types them."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from labeler.__main__ import _make_app
from labeler.cli import labeler


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
