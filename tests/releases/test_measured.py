"""What was measured of the labels is frozen with them: the remaining error once there is an audit."""

import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

from click.testing import Result
from flask.testing import FlaskClient

from labeler.releases.actions import Asked, make_release
from labeler.releases.verifying import verify_release
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from tests.api.conftest import Api
from tests.statistics.test_remaining_error import Audited, audited
from tests.web.pages import inspect

__all__ = ["audited"]  # the fixture


def test_the_measured_remaining_error_is_in_a_release_once_there_is_an_audit(
    audited: Audited, database: Database, files: FileStore
) -> None:
    project = audited.made.id
    first = make_release(database, files, project, Asked("first"))
    assert first.numbers["error"] == {"state": "never", "maximum": 0.05}
    audited.audit(lambda one: one.position % 20 == 0)
    known = audited.known()
    assert known.estimate is not None
    second = make_release(database, files, project, Asked("second"))
    error = second.numbers["error"]
    assert (error["share"], error["low"], error["high"]) == (
        known.estimate.share,
        known.estimate.low,
        known.estimate.high,
    )
    assert (error["checked"], error["wrong"], error["audit"]) == (200, 10, 1)
    assert [one["class"] for one in error["classes"]] == ["cat"]
    with zipfile.ZipFile(files.release_path(second.sha256)) as archive:
        card = archive.read("DATA_CARD.md").decode()
    assert f"{error['share']:.1%} of the labels are wrong" in card
    assert second.numbers["changes"]["same"] == 300
    for number in (1, 2):
        found = verify_release(database, files, project, number)
        assert (found.passed, found.rebuilt) == (True, "same")


def test_before_a_download_page_and_api_say_what_an_audit_measured_or_that_none_did(
    audited: Audited,
    sign_in: Callable[[str], FlaskClient],
    api: Api,
    run: Callable[..., Result],
    tmp_path: Path,
) -> None:
    olga = sign_in("olga")

    def page() -> str:
        text = olga.get(f"/p/{audited.made.slug}/exports?format=csv").text
        inspect(text)
        return " ".join(re.sub(r"<[^>]+>", " ", text).split())

    contents = f"/projects/{audited.made.slug}/export/contents?format=csv"
    export = ("export", audited.made.slug, "--format", "csv", "--out", str(tmp_path / "out.csv"))
    assert "No audit yet how many labels are wrong was not measured" in page()
    assert api.get(contents).json["error"] == {"state": "never", "maximum": 0.05}
    assert "Not audited" in run(*export).stderr
    audited.audit(lambda one: one.position % 20 == 0)
    known = audited.known().estimate
    assert known is not None
    said = f"{known.share:.1%} of all labels of the project are wrong {100 * known.low:.1f} to {known.high:.1%} (95%)"
    assert said in page()
    assert "from 200 random items of an audit" in page()
    error = api.get(contents).json["error"]
    assert (error["share"], error["low"], error["high"]) == (known.share, known.low, known.high)
    assert json.loads(run(*export, "--json").stdout)["error"] == error
