"""All benchmarks by one command: `python -m tests.bench [--short]`, one file after another, as JSON lines."""

import subprocess
import sys
from pathlib import Path

SHORT = ("bench_exchange", "bench_serving")  # those that take --short


def main() -> int:
    """Run each bench_*.py on its own; returns how many failed."""
    short = "--short" in sys.argv
    names = sorted(path.stem for path in Path(__file__).parent.glob("bench_*.py"))
    failed = 0
    for name in names:
        if short and name not in SHORT:
            continue
        arguments = ["--short"] if short else []
        failed += subprocess.run([sys.executable, "-m", f"tests.bench.{name}", *arguments], check=False).returncode != 0
    return failed


if __name__ == "__main__":
    raise SystemExit(main())
