"""Scripts and styles as browsers get them: bundles of the sources as they are now, packed, kept for ever."""

import re
import subprocess
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from labeler.app import create_app
from labeler.config import Settings
from labeler.task_types.registry import TASK_TYPES
from labeler.web.assets.static_files import BUNDLES, PACKAGE, static_file
from tests import bundles

SignIn = Callable[[str], FlaskClient]
SOURCES = sorted(
    path
    for room in ("web", "task_types")
    for path in (PACKAGE / room).rglob("*")
    if path.suffix in {".mjs", ".css"} and BUNDLES not in path.parents
)


def test_the_bundles_are_made_from_the_sources_as_they_are_now(tmp_path: Path) -> None:
    if not bundles.can_build():
        pytest.skip(bundles.MISSING)
    bundles.build(tmp_path)
    made = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert made == {path.name: path.read_text() for path in BUNDLES.iterdir()}, "run python -m tests.bundles"


def test_every_script_and_style_that_a_page_names_is_a_bundle() -> None:
    names = {f"bundles/{path.name}" for path in BUNDLES.iterdir()}
    assert {name for name, _ in bundles.entries()} == names
    assert {"bundles/base.css", "bundles/moments.mjs", "bundles/workspace.spans.css", "bundles/review.css"} <= names
    assert {f"bundles/workspace.{task}.mjs" for task in TASK_TYPES} <= names
    text = "\n".join(path.read_text() for path in PACKAGE.rglob("*.html"))
    assert len(re.findall(r"script_file\(", text)) == len(bundles.SCRIPT.findall(text)), "a name that is not seen"
    assert len(re.findall(r"set stylesheet\b|stylesheet \|", text)) == len(bundles.SHEET.findall(text))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_what_a_source_imports_lies_where_a_browser_looks_for_it(path: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    for address in re.findall(r"""(?:from|@?import)\s*\(?\s*"([^"]+)\"""", text):
        assert address.startswith("."), address
        target = (path.parent / address).resolve()
        assert static_file(target.relative_to(PACKAGE).as_posix()).content == target.read_bytes()


@pytest.mark.parametrize("task", TASK_TYPES)
def test_the_script_of_a_workspace_takes_little_of_the_line(task: str) -> None:
    packed = static_file(f"bundles/workspace.{task}.mjs").packed["gzip"]
    assert len(packed) <= 30_000  # bytes; the first load as a whole is measured in tests/bench/workspace_load.py


def test_two_pages_cannot_share_the_name_of_a_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "entries", lambda: [("bundles/a.mjs", "one"), ("bundles/a.mjs", "other")])
    with pytest.raises(ValueError, match=r"bundles/a\.mjs is the bundle of two pages"):
        bundles.build(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_bundle_that_cannot_be_made_is_no_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not bundles.can_build():
        pytest.skip(bundles.MISSING)
    monkeypatch.setattr(bundles, "entries", lambda: [("bundles/a.mjs", 'import "./web/nowhere.mjs";')])
    with pytest.raises(subprocess.CalledProcessError):
        bundles.build(tmp_path)
    assert not list(tmp_path.iterdir())


def test_sources_are_loaded_as_they_are_where_somebody_works_on_them(settings: Settings) -> None:
    app = create_app(replace(settings, plain_assets=True))
    page = app.test_client().get("/sign-in", follow_redirects=True).get_data(as_text=True)
    sheets = re.findall(r'<link rel="stylesheet"\s+href="/static/\w+/([^"]+)"', page)
    assert sheets == ["web/shared/styles/pages.css"]
    assert "bundles/" not in page
    app.extensions["labeler"].database.close()


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "identity", "gzip;q=0"])
def test_bundles_are_packed_as_the_browser_likes_and_kept_for_ever(sign_in: SignIn, encoding: str) -> None:
    client = sign_in("ann")
    page = client.get("/account").get_data(as_text=True)
    address = re.search(r'href="(/static/[^"]*bundles/pages\.css)"', page)
    assert address is not None
    answer = client.get(address[1], headers={"Accept-Encoding": encoding})
    assert answer.status_code == 200
    assert answer.headers.get("Content-Encoding") == (encoding if encoding in {"gzip", "deflate"} else None)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert "Set-Cookie" not in answer.headers


HOSTILE = [
    "x",
    "bundles/none.css",
    "bundles/none.mjs",
    "web/",
    "web/review",
    "web/review/",
    "web/review/views.py",
    "web/review/views.py%00.mjs",
    "web/review/review.html",
    "web/static/icon.svg",
    "web/static/bundles/base.css",
    "task_types/boxes/task.py",
    "task_types/boxes/widget.html",
    "task_types/boxes/../boxes/widget.mjs",
    "app.py",
    "../app.py",
    "web/../app.py",
    "web/review/../../app.py",
    "web/%2e%2e/app.py",
    "web%2f..%2fapp.py",
    "web/%252e%252e/app.py",
    "web/..%5capp.py",
    "web/review/%2e%2e/review/review.mjs",
    "web//review/review.mjs",
    "//etc/passwd",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "WEB/review/review.mjs",
    "web/review/review.mjs/",
    "web/review/review.mjs.py",
]


def test_a_name_that_is_no_script_or_style_leads_nowhere(sign_in: SignIn) -> None:
    client = sign_in("")
    answers = {name: client.get(f"/static/any/{name}", follow_redirects=True).status_code for name in HOSTILE}
    assert answers == dict.fromkeys(HOSTILE, 404)


def test_nothing_but_scripts_styles_and_the_icon_can_be_fetched(sign_in: SignIn) -> None:
    client = sign_in("")
    for path in PACKAGE.rglob("*.*"):
        name = path.relative_to(PACKAGE).as_posix()
        found = client.get(f"/static/any/{name}").status_code == 200
        assert found == (path in SOURCES), name
    for name, kind in (("web/review/review.mjs", "text/javascript"), ("icon.svg", "image/svg+xml")):
        assert client.get(f"/static/any/{name}").headers["Content-Type"].startswith(kind)
    assert client.get("/static/any/task_types/boxes/widget.css").mimetype == "text/css"


def test_pages_are_packed_and_say_the_same(sign_in: SignIn) -> None:
    client = sign_in("ann")
    plain = client.get("/account", headers={"Accept-Encoding": "identity"})
    packed = client.get("/account", headers={"Accept-Encoding": "gzip, deflate"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 2
    assert b"<!doctype html>" in zlib.decompress(packed.data, 31)[:100].lower()
