"""The scripts and styles that pages load, one file each: `python -m tests.bundles` makes them from their sources.

esbuild does it (`npm install --prefix .ci --no-package-lock`). The bundles are committed, so that nobody who runs
Labeler needs it, and a test fails when they are not those of the sources.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from labeler.task_types.registry import TASK_TYPES
from labeler.web.assets.static_files import BUNDLES, STYLES, sheets_of

ROOT = Path(__file__).parents[1]
SOURCES = {  # where a source lies below `/static/<version>/`, since modules import each other by these addresses
    "js": ROOT / "labeler/web/static/js",
    "css": ROOT / "labeler/web/static/css",
    "task_types": ROOT / "labeler/task_types",
}
ESBUILD = ROOT / ".ci/node_modules/.bin/esbuild"
SCRIPTS = ("copy", "grid", "inspection", "job", "moments", "review", "slug")
OPTIONS = (
    "--bundle",
    "--minify",
    "--format=esm",
    "--target=es2022",
    "--charset=utf8",
    "--legal-comments=none",
    "--preserve-symlinks",
)


def entries() -> Iterator[tuple[str, str]]:
    """Yield the name of each bundle and the script or style sheet that it is made from."""
    for name in SCRIPTS:
        yield f"{name}.mjs", f'import "./js/{name}.mjs";'
    for task in TASK_TYPES:
        widget = f'import * as widget from "./task_types/{task}/widget.mjs";'
        yield (
            f"workspace.{task}.mjs",
            f'import {{ use_widget }} from "./js/workspace.mjs"; {widget} use_widget(widget);',
        )
    for name in STYLES:
        yield f"{name}.css", "".join(f'@import "./{sheet}";' for sheet in sheets_of(name))


def build(folder: Path) -> None:
    """Write all bundles into a folder. Raises FileNotFoundError without esbuild, CalledProcessError for its errors."""
    with tempfile.TemporaryDirectory() as stage:
        for name, source in SOURCES.items():
            (Path(stage) / name).symlink_to(source)
        for name, entry in entries():
            (folder / name).write_bytes(_bundle(name, entry, Path(stage)))


def _bundle(name: str, entry: str, stage: Path) -> bytes:
    kind = "css" if name.endswith(".css") else "js"
    command: list[str | Path] = [ESBUILD, *OPTIONS, f"--loader={kind}", f"--sourcefile={name}"]
    return subprocess.run(command, cwd=stage, input=entry.encode(), stdout=subprocess.PIPE, check=True).stdout


if __name__ == "__main__":
    if not ESBUILD.exists():
        sys.exit("esbuild is missing: npm install --prefix .ci --no-package-lock")
    shutil.rmtree(BUNDLES, ignore_errors=True)
    BUNDLES.mkdir()
    build(BUNDLES)
    sys.stdout.write(f"{len(list(BUNDLES.iterdir()))} bundles\n")
