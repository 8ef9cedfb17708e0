"""Benchmarks by one command: `python -m tests.bench [--short] [name …]`, one file after another, as JSON lines.

Without names all run, but for those left out by `--but=NAME`; `python -m tests.bench workspace T3` runs one and hands
on what its name is followed by.
"""

import subprocess
import sys
from pathlib import Path

SHORT = ("bench_doors", "bench_exchange", "bench_serving", "bench_workspace")  # what CI runs; more take --short by name


def main() -> int:
    """Run each bench_*.py that is asked for on its own; returns how many failed."""
    every = sorted(path.stem for path in Path(__file__).parent.glob("bench_*.py"))
    short = "--short" in sys.argv
    left_out = {f"bench_{word.removeprefix('--but=')}" for word in sys.argv[1:] if word.startswith("--but=")}
    words = [word for word in sys.argv[1:] if word != "--short" and not word.startswith("--but=")]
    names = [f"bench_{word}" for word in words if f"bench_{word}" in every]
    rest = [word for word in words if f"bench_{word}" not in every]
    if rest and not names:
        raise SystemExit(f"there is no benchmark {rest[0]!r}; there are: {', '.join(name[6:] for name in every)}")
    failed = 0
    for name in names or every:
        if name in left_out or (short and not names and name not in SHORT):
            continue
        arguments = (["--short"] if short else []) + rest
        failed += subprocess.run([sys.executable, "-m", f"tests.bench.{name}", *arguments], check=False).returncode != 0
    return failed


if __name__ == "__main__":
    raise SystemExit(main())
