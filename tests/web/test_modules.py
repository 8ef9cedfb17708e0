"""Joining modules: what is known works, what is not known is refused, and nothing but comments and gaps is lost."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as some

from labeler.task_types import TASK_TYPES
from labeler.web.assets.modules import function_of, join_modules, take_apart
from labeler.web.assets.script_tokens import UnknownFormError, shortened, tokens
from labeler.web.assets.static_files import _STATIC, _WIDGETS, _files, static_file
from labeler.web.assets.stylesheets import join_stylesheets

MODULES = sorted(name for name in _files() if name.endswith(".mjs"))
SHEETS = sorted(path.stem for path in (_STATIC / "css").glob("*.css"))


def kinds(script: str) -> list[str]:
    return [token.kind for token in tokens(script) if token.kind != "gap"]


def join(**modules: str) -> str:
    return join_modules("entry.mjs", {f"{name}.mjs": text for name, text in modules.items()}.__getitem__)


@pytest.mark.parametrize("name", MODULES)
def test_every_module_is_written_in_a_form_that_can_be_joined(name: str) -> None:
    script = join_modules(name, lambda module: _files()[module].read_text())
    assert script.endswith(f"{function_of(name)}();\n")
    assert not re.search(r"^\s*(import|export)\b", script, re.MULTILINE)


@pytest.mark.parametrize("task", sorted(TASK_TYPES))
def test_the_workspace_of_every_task_type_is_one_script(task: str) -> None:
    script = static_file(f"joined/workspace.{task}.mjs").content.decode()
    assert f"const {function_of(f'task_types/{task}/widget.mjs')}=" in script
    assert not re.search(r"(?<![$\w])import\s*[({]", script)


def test_a_module_runs_after_those_it_needs_and_only_once() -> None:
    script = join(
        entry='import { a } from "./a.mjs";\nimport { b as c } from "./b.mjs";\nexport const d = a + c;\n',
        a='import { b } from "./b.mjs";\nexport const a = b + 1;\n',
        b="export const b = 1;\n",
    )
    assert script.index("const $b=") < script.index("const $a=") < script.index("const $entry=")
    assert script.count("const $b=$once") == 1
    assert "const{b:c}=$b();" in script


def test_dynamic_imports_become_promises_and_are_joined_too() -> None:
    script = join(
        entry='const { late } = await_all(import("./late.mjs"));\nimport(address).then(late);\n',
        late="export async function late() {}\n",
    )
    assert "$later($late)" in script
    assert "$import(address)" in script
    assert "return{late}" in script


def test_sources_are_looked_up_from_the_folder_of_the_module() -> None:
    module = take_apart("task_types/boxes/widget.mjs", 'import { keys } from "../../js/keys.mjs";\n')
    assert module.imports == [("const{keys}=", "js/keys.mjs")]


@pytest.mark.parametrize(
    "text",
    [
        'import whole from "./a.mjs";',
        'import * as every from "./a.mjs";',
        'import { a } from "elsewhere";',
        'import { a } from "https://cdn.example/a.mjs";',
        'import { a } from "./a.mjs" with { type: "json" };',
        'import { a } from "./a.mjs"\nlet b = 1;',
        'if (a) { import { b } from "./a.mjs"; }',
        "const here = import.meta.url;",
        'const a = import("./a.mjs", options);',
        "export default function () {}",
        "export default class A {}",
        "export { a };",
        'export { a } from "./a.mjs";',
        'export * from "./a.mjs";',
        "export let a = 1;",
        "export const a = 1, b = 2;",
        "export const { a } = b;",
        "export const a = 1",
        "export function* a() {}",
        "const $a = 1;",
        "const a = {} / 2;",
        "const a = (1;",
        "const a = 1);",
        "const a = `never closed;",
        'const a = "never closed;',
    ],
)
def test_what_is_not_known_is_refused(text: str) -> None:
    with pytest.raises(UnknownFormError, match=r"entry\.mjs: "):
        join(entry=text, a="export const a = 1;\n")


def test_modules_in_a_circle_are_refused() -> None:
    with pytest.raises(UnknownFormError, match=r"circle: entry\.mjs → a\.mjs → entry\.mjs"):
        join(entry='import { a } from "./a.mjs";\n', a='import { b } from "./entry.mjs";\n')


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("a = b / c / d;", ["name", "sign", "name", "sign", "name", "sign", "name", "sign"]),
        ("a = /[/]\\/b/g;", ["name", "sign", "regex", "sign"]),
        ("return /a/.test(b)", ["name", "regex", "sign", "name", "sign", "name", "sign"]),
        ("a.return / b / c", ["name", "sign", "name", "sign", "name", "sign", "name"]),
        ("if (a) /b/.exec(c)", ["name", "sign", "name", "sign", "regex", "sign", "name", "sign", "name", "sign"]),
        ("f(a) / b / c", ["name", "sign", "name", "sign", "sign", "name", "sign", "name"]),
        ("`a${`b${c}`}d // e`", ["template", "template", "name", "template", "template"]),
        ("`a${{ b: 1 }.b}`", ["template", "sign", "name", "sign", "number", "sign", "sign", "name", "template"]),
        ("'// no' /* yes */", ["string", "comment"]),
        ("#a = 1_0.5e3", ["name", "sign", "number"]),
        ("a++ / 2 / b", ["name", "sign", "sign", "number", "sign", "name"]),
    ],
)
def test_a_slash_is_told_from_a_regex_and_code_from_text(script: str, expected: list[str]) -> None:
    assert kinds(script) == expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("a = b // c\n   /* d\n */ e()\n\n\n  f /* g */ h", "a=b\ne()\nf h"),
        ("a + +b - --c + ++d", "a+ +b- --c+ ++d"),
        ("a++ + b", "a++ +b"),
        ("a ? .5 : b ?? c", "a? .5:b??c"),
        ("1 .toString() / /x/.y", "1 .toString()/ /x/.y"),
        ("const a = (b) => {\n  return [1,\n 2 ] ;\n};\n\nreturn\n{ c }", "const a=(b)=>{return[1,2];};return\n{c}"),
        ("class A {\n  b = 1\n  #c = 2\n}\nnew A", "class A{b=1\n#c=2}\nnew A"),
        ("return `a\n  b ${ c } // d`", "return `a\n  b ${ c } // d`"),
    ],
)
def test_only_gaps_that_separate_nothing_go(script: str, expected: str) -> None:
    assert shortened(script) == expected


PIECES = some.sampled_from(
    ["a", "b1", "1.5", '"// s"', "'/* t */'", "`u // ${a} \\` v`", "/[/]*x/g", "// c\n", "/* d */", "\n  ", " ", ";"]
)


@settings(max_examples=300)
@given(some.lists(PIECES, max_size=20))
def test_tokens_together_are_the_script_and_only_gaps_are_lost(pieces: list[str]) -> None:
    script = "\n".join(f"({piece})" if piece[0] not in "/ \n;" else f";{piece}" for piece in pieces)
    assert "".join(token.text for token in tokens(script)) == script
    short = shortened(script)
    assert shortened(short) == short
    code = [token.text for token in tokens(script) if token.kind not in {"gap", "comment"}]
    assert [token.text for token in tokens(short) if token.kind != "gap"] == code


@pytest.mark.parametrize("name", SHEETS)
def test_every_stylesheet_can_be_joined(name: str) -> None:
    whole = static_file(f"joined/{'base' if name in {'tokens', 'components', 'layout'} else name}.css")
    assert "/*" not in whole.content.decode()
    assert whole.content.count(b"{") == whole.content.count(b"}")


def test_a_stylesheet_keeps_its_strings_and_names_no_other_file() -> None:
    sheets = {"a.css": '/* one */\n.a {\n  content: "/* two */";\n}\n', "b.css": ".b { background: url(b.png) }"}
    assert join_stylesheets(["a.css"], sheets.__getitem__) == '.a {\ncontent: "/* two */";\n}\n'
    with pytest.raises(ValueError, match=r"b\.css"):
        join_stylesheets(["a.css", "b.css"], sheets.__getitem__)


def test_pages_ask_for_joined_files_only() -> None:
    templates = [*_STATIC.parent.rglob("*.html"), *_WIDGETS.rglob("*.html")]
    asked = {
        name
        for path in templates
        for name in re.findall(r"filename='((?:css|js)/[^']*)'", path.read_text(encoding="utf-8"))
    }
    assert asked == set()


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "identity", "gzip;q=0"])
def test_joined_files_are_packed_as_the_browser_likes_and_kept_for_ever(
    sign_in: Callable[[str], FlaskClient], encoding: str
) -> None:
    client = sign_in("ann")
    page = client.get("/account").get_data(as_text=True)
    address = re.search(r'href="(/static/[^"]*joined/pages\.css)"', page)
    assert address is not None
    answer = client.get(address[1], headers={"Accept-Encoding": encoding})
    assert answer.status_code == 200
    assert answer.headers.get("Content-Encoding") == (encoding if encoding in {"gzip", "deflate"} else None)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("name", ["joined/none.css", "joined/none.mjs", "joined/a.txt", "js/../../app.py", "css/", "x"])
def test_a_name_that_is_no_static_file_leads_nowhere(sign_in: Callable[[str], FlaskClient], name: str) -> None:
    assert sign_in("").get(f"/static/any/{name}").status_code == 404


def test_pages_are_packed_and_say_the_same(sign_in: Callable[[str], FlaskClient]) -> None:
    import zlib

    client = sign_in("ann")
    plain = client.get("/account", headers={"Accept-Encoding": "identity"})
    packed = client.get("/account", headers={"Accept-Encoding": "gzip, deflate"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 2
    assert b"<!doctype html>" in zlib.decompress(packed.data, 31)[:100].lower()
