"""The scripts and styles that pages load, one file each: `python -m tests.bundles` makes them from their sources.

Which there are is read from the templates that name them, and from the folders of the task types. esbuild joins each
with what it imports, and terser renames what is left so that it packs better, a twentieth less over the line; `npm
install --prefix .ci --no-package-lock` brings both. The bundles are committed, so that nobody who runs Labeler needs
them, and a test fails when they are not those of the sources.
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from labeler.task_types.registry import TASK_TYPES
from labeler.web.assets.static_files import BUNDLES, PACKAGE, script_file, sheets

TOOLS = PACKAGE.parent / ".ci/node_modules/.bin"
ESBUILD, TERSER = TOOLS / "esbuild", TOOLS / "terser"
MISSING = "no esbuild or no terser: npm install --prefix .ci --no-package-lock"
OPTIONS = (
    "--bundle",
    "--minify",
    "--format=esm",
    "--target=es2022",
    "--charset=utf8",
    "--legal-comments=none",
)
# one process for all scripts, as starting it takes longer than its work: {name: code} in and out, as JSON
RENAME = """
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
const { minify } = createRequire(process.argv[1])("terser");
const options = { module: true, compress: { passes: 2, ecma: 2020 }, mangle: true };
const made = {};
for (const [name, code] of Object.entries(JSON.parse(readFileSync(0, "utf8")))) {
  made[name] = (await minify(code, options)).code + "\\n";
}
process.stdout.write(JSON.stringify(made));
"""
SCRIPT = re.compile(r"script_file\(\s*'([\w/]+)'(,\s*project\.task)?")
SHEET = re.compile(r"""stylesheet (?:= |\| default\()["']([\w/]+)["']""")
WIDGET = re.compile(r"set widget = project\.task")


def entries() -> Iterator[tuple[str, str]]:
    """Yield the name of each bundle and the module or style sheet that it is made from, as seen from the package."""
    for template in sorted((PACKAGE / "web").rglob("*.html")):
        text = template.read_text(encoding="utf-8")
        for page, with_widget in SCRIPT.findall(text):
            yield from _scripts(page, tuple(TASK_TYPES) if with_widget else ())
        for page in SHEET.findall(text):
            yield from _styles(page, tuple(TASK_TYPES) if WIDGET.search(text) else ())


def _scripts(page: str, tasks: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    script = f"./{script_file(page, plain=True)}"
    if not tasks:
        yield script_file(page), f'import "{script}";'
    for task in tasks:
        widget = f'import {{ mount }} from "./task_types/{task}/widget.mjs";'
        yield script_file(page, task), f'import {{ use_widget }} from "{script}"; {widget} use_widget({{ mount }});'


def _styles(page: str, tasks: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for task in ("", *tasks):
        yield sheets(page, task)[0], "".join(f'@import "./{sheet}";' for sheet in sheets(page, task, plain=True))


def build(folder: Path) -> None:
    """Write all bundles into a folder. Raises FileNotFoundError without the tools, CalledProcessError for their errors.

    Two pages whose bundles would have one name raise ValueError.
    """
    made: dict[str, str] = {}
    for name, entry in entries():
        if made.setdefault(name, entry) != entry:
            raise ValueError(f"{name} is the bundle of two pages: {made[name]} and {entry}")
    joined = {name: _joined(name, entry) for name, entry in made.items()}
    styles = {name: text for name, text in joined.items() if name.endswith(".css")}
    for name, text in {**styles, **_renamed({name: joined[name] for name in joined.keys() - styles})}.items():
        (folder / Path(name).name).write_text(text, encoding="utf-8")


def _joined(name: str, entry: str) -> str:
    kind = "css" if name.endswith(".css") else "js"
    return _run([ESBUILD, *OPTIONS, f"--loader={kind}", f"--sourcefile={name}"], entry)


def _renamed(scripts: dict[str, str]) -> dict[str, str]:
    done = _run(["node", "--input-type=module", "--eval", RENAME, "--", TERSER.resolve()], json.dumps(scripts))
    made: dict[str, str] = json.loads(done)
    return made


def _run(command: list[str | Path], source: str) -> str:
    done = subprocess.run(command, cwd=PACKAGE, input=source.encode(), stdout=subprocess.PIPE, check=True)
    return done.stdout.decode()


def can_build() -> bool:
    """Whether the tools are installed."""
    return ESBUILD.exists() and TERSER.exists()


if __name__ == "__main__":
    if not can_build():
        sys.exit(MISSING)
    shutil.rmtree(BUNDLES, ignore_errors=True)
    BUNDLES.mkdir()
    build(BUNDLES)
    sys.stdout.write(f"{len(list(BUNDLES.iterdir()))} bundles\n")
