"""What was measured of the labels is frozen with them: the remaining error once there is an audit."""

import zipfile

from labeler.releases.actions import Asked, make_release
from labeler.releases.verifying import verify_release
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from tests.statistics.test_remaining_error import Audited, audited

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
