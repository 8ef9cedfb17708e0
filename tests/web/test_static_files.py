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
from labeler.web.assets.static_files import BUNDLES, STYLES
from tests import bundles

SignIn = Callable[[str], FlaskClient]
TEMPLATES = sorted((Path(bundles.__file__).parents[1] / "labeler").rglob("*.html"))


def test_the_bundles_are_made_from_the_sources_as_they_are_now(tmp_path: Path) -> None:
    if not bundles.ESBUILD.exists():
        pytest.skip("no esbuild: npm install --prefix .ci --no-package-lock")
    bundles.build(tmp_path)
    made = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert made == {path.name: path.read_text() for path in BUNDLES.iterdir()}, "run python -m tests.bundles"


def test_every_script_and_style_that_a_page_names_is_a_bundle() -> None:
    names = {path.name for path in BUNDLES.iterdir()}
    text = "\n".join(path.read_text() for path in TEMPLATES)
    scripts = set(re.findall(r"script_file\('(\w+)'\)", text))
    assert {f"{name}.mjs" for name in scripts} | {f"workspace.{task}.mjs" for task in TASK_TYPES} <= names
    assert scripts == set(bundles.SCRIPTS)
    assert {f"{name}.css" for name in STYLES} <= names
    assert set(re.findall(r'set stylesheet = "(\w+)"', text)) <= set(STYLES)
    assert not re.search(r"filename='(?:css|js)/", text)


def test_a_bundle_that_cannot_be_made_is_no_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not bundles.ESBUILD.exists():
        pytest.skip("no esbuild: npm install --prefix .ci --no-package-lock")
    monkeypatch.setattr(bundles, "entries", lambda: [("a.mjs", 'import "./js/nowhere.mjs";')])
    with pytest.raises(subprocess.CalledProcessError):
        bundles.build(tmp_path)
    assert not list(tmp_path.iterdir())


def test_sources_are_loaded_as_they_are_where_somebody_works_on_them(settings: Settings) -> None:
    app = create_app(replace(settings, plain_assets=True))
    page = app.test_client().get("/sign-in", follow_redirects=True).get_data(as_text=True)
    sheets = re.findall(r'<link rel="stylesheet"\s+href="/static/\w+/([^"]+)"', page)
    assert (sheets[0], sheets[1], sheets[4]) == ("css/tokens.css", "css/components.css", "css/layout.css")
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


@pytest.mark.parametrize("name", ["bundles/none.css", "bundles/none.mjs", "js/../../app.py", "css/", "x"])
def test_a_name_that_is_no_static_file_leads_nowhere(sign_in: SignIn, name: str) -> None:
    assert sign_in("").get(f"/static/any/{name}").status_code == 404


def test_pages_are_packed_and_say_the_same(sign_in: SignIn) -> None:
    client = sign_in("ann")
    plain = client.get("/account", headers={"Accept-Encoding": "identity"})
    packed = client.get("/account", headers={"Accept-Encoding": "gzip, deflate"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 2
    assert b"<!doctype html>" in zlib.decompress(packed.data, 31)[:100].lower()
