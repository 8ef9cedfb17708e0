"""Joined scripts in a real browser: they export what the modules do, and mean what they meant with comments."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from playwright.sync_api import Page, Route

from labeler.web.assets.modules import function_of, join_modules
from labeler.web.assets.script_tokens import shortened
from labeler.web.assets.static_files import _files, static_file
from tests.browser.desk_server import ORIGIN

pytestmark = pytest.mark.browser
MODULES = sorted(name for name in _files() if name.endswith(".mjs"))
SOURCES = {name: _files()[name].read_text() for name in MODULES}
SCRIPTS = [name for name in MODULES if "\nexport " not in SOURCES[name]]  # they look for their page and find none here


@pytest.fixture
def blank(page: Page) -> Page:
    """A page of the same origin as all modules, whole and joined (with everything they export laid open)."""

    def hand_out(route: Route) -> None:
        name = route.request.url.removeprefix(f"{ORIGIN}/")
        if name.startswith("open/"):
            name = name.removeprefix("open/")
            script = join_modules(name, SOURCES.__getitem__)
            script = script.rpartition("\n$")[0] + f"\nexport const all = {function_of(name)}();\n"
            route.fulfill(body=script, content_type="text/javascript")
        elif name in _files():
            route.fulfill(body=static_file(name).content, content_type="text/javascript")
        else:
            route.fulfill(body="<!doctype html><title>Blank</title>", content_type="text/html")

    page.route("**/*", hand_out)
    page.goto(f"{ORIGIN}/blank")
    return page


def test_joined_modules_export_the_same_names_and_the_same_things(blank: Page) -> None:
    names = [name for name in MODULES if name not in SCRIPTS]
    found = blank.evaluate(
        """async (names) => {
          const texts = (all) => Object.fromEntries(Object.keys(all).sort().map((name) => [name, String(all[name])]));
          return Promise.all(names.map(async (name) => [
            texts(await import(`/${name}`)), texts((await import(`/open/${name}`)).all)])); }""",
        names,
    )
    for name, kinds in zip(names, found, strict=True):
        apart, joined = ({key: shortened(text) for key, text in of.items()} for of in kinds)
        assert joined.keys() == apart.keys(), name
        for key, text in apart.items():
            assert "import(" in text or joined[key] == text, (name, key)


def test_the_browser_understands_every_script_of_a_page(blank: Page) -> None:
    whole = {name: join_modules(name, SOURCES.__getitem__) for name in SCRIPTS}
    wrong = """(whole) => Object.entries(whole).flatMap(([name, text]) => {
      try { new Function(text); return []; } catch (error) { return [`${name}: ${error}`]; } })"""
    assert blank.evaluate(wrong, whole) == []


EXPRESSIONS = some.recursive(
    some.sampled_from(
        ["1", "2.5", "a", "'/* no */'", '"// no"', "/[/*]+/.source", "/\\/\\//g.flags", "`x`", "b.in", "[]"]
    ),
    lambda inner: some.one_of(
        some.tuples(inner, some.sampled_from([" + ", " /* c */ + ", " / ", "\n  + ", " // d\n + "]), inner).map(
            "".join
        ),
        inner.map(lambda text: f"({text})"),
        inner.map(lambda text: f"`a // ${{{text}}} /* b */ \\` ${{'y'}}\n  z`"),
        inner.map(lambda text: f"({{ in: {text} }}).in"),
        inner.map(lambda text: f"((c) => {{ /* e */ if (c) return c; // f\n return ({text}) }})(0)"),
        inner.map(lambda text: f"(() => {{ let c = 0\n  c++ / 2\n  if (true) /x/.test('x')\n  return {text}\n }})()"),
    ),
    max_leaves=8,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.lists(EXPRESSIONS, min_size=1, max_size=5))
def test_a_script_without_its_comments_computes_the_same(blank: Page, expressions: list[str]) -> None:
    script = "const a = 3, b = { in: 4 };\n" + "".join(f"found.push({text});\n" for text in expressions)
    short = shortened(script)
    run = "(text) => { const found = []; new Function('found', text)(found); return JSON.stringify(found); }"
    assert json.loads(blank.evaluate(run, short)) == json.loads(blank.evaluate(run, script))
