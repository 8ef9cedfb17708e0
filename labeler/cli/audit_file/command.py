"""`labeler audit FILE`."""

import hashlib
import os
import shlex
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from labeler import __version__, durable
from labeler.cli.audit_file import advice, terminal
from labeler.cli.audit_file.reading import Asked, Table, read
from labeler.cli.group import as_json, labeler, print_json, progress_bar
from labeler.errors import Invalid

MARK = b'<meta name="generator" content="Labeler audit">'
HEAD = 4096  # bytes of a report that hold its mark
WATTS = 15  # of one busy core of a server or laptop, with its share of the machine


@labeler.command("audit")
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option("--text", default="", metavar="COL", help="Column with the texts.")
@click.option(
    "--image", default="", metavar="COL", help="Column with the pictures: names relative to the file, or base64."
)
@click.option("--label", default="", metavar="COL", help="Column with the label.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="The report; FILE.report.html when not given."
)
@click.option("--encoding", help="Encoding of a text file, such as cp1252; found by looking when not given.")
@click.option("--seed", default=0, show_default=True, help="Of all chance in it; the same seed gives the same report.")
@click.option(
    "--quick", is_flag=True, help="Half the time: no learning curve, and no check on mistakes planted on purpose."
)
@click.option("--force", is_flag=True, help="Write over files that no audit has written.")
@as_json
def audit(
    file: Path,
    text: str,
    image: str,
    label: str,
    out: Path | None,
    encoding: str | None,
    seed: int,
    quick: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Find the labels of a file that are probably wrong; needs no server and no project.

    FILE is a CSV, TSV, JSON Lines, JSON or Parquet file with a column of texts or pictures and one of labels, or a
    folder (or ZIP) of pictures with one folder a class. Writes a report (one HTML file to read and to send), the flags
    as CSV and JSON, the rows that were left out and a random sample without labels, all beside the file. What an
    earlier audit wrote is replaced. Nothing leaves this machine.
    """
    begin = time.perf_counter()
    targets = _targets(file, out)
    if not force:
        _check_free(targets)
    with tempfile.TemporaryDirectory(prefix="labeler-audit-") as folder:
        asked = Asked(file, text, image, label, encoding, Path(folder))
        told, contents = _audit(asked, targets, seed=seed, quick=quick, begin=begin)
    for name, path in targets.items():
        if name in contents:
            durable.write(path, contents[name], mode=durable.PUBLIC)
        else:
            path.unlink(missing_ok=True)  # of an earlier audit, which left rows out
    if as_json:
        print_json(told)
        return
    for line in terminal.lines(told):
        click.echo(line)


def _audit(
    asked: Asked, targets: dict[str, Path], *, seed: int, quick: bool, begin: float
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return what is told and the contents of the files; nothing is written before all of it is there."""
    from labeler.cli.audit_file import calculation, classes, findings, flags, page, tables

    table = read(asked)
    names = classes.classes_of(table)
    with progress_bar("Auditing", quiet=not sys.stderr.isatty()) as progress:
        done = calculation.audit(table, names, seed=seed, quick=quick, report=progress)
    tell = flags.teller(done)
    every = [tell(one) for one in flags.in_order(done)]
    told = {"labeler": __version__, "seed": seed, "quick": quick} | findings.tell(done, every)
    written = {name: str(path) for name, path in targets.items() if name != "rejected" or table.rejected}
    told |= {
        "headline": advice.headline(told),
        "stands_out": advice.stands_out(told),
        "next": advice.steps(told),
        "files": written,
        "repeat": _repeat(table, seed=seed, quick=quick),
        "sha256": _checksum(asked.path),
        "run": _run(begin),
    }
    contents = {
        "report": page.render(told, table),
        "flags_csv": tables.flags_csv(every, table.media),
        "flags_json": tables.flags_json(every),
        "sample": tables.sample_csv(table, seed),
    }
    if table.rejected:
        contents["rejected"] = tables.rejected_csv(table.rejected)
    return told, contents


def _targets(file: Path, out: Path | None) -> dict[str, Path]:
    """Return where the files go: beside the audited file, where that may not be written to into the current folder."""
    whole = file.resolve()
    name = whole.name if whole.is_dir() else whole.stem
    folder = out.parent if out else (file.parent if file.name not in {"", ".", ".."} else whole.parent)
    if out is None and not os.access(folder, os.W_OK):
        folder = Path()
    if not folder.is_dir():
        raise Invalid("There is no folder {folder} to write the report into.", field="out", folder=folder)
    return {
        "report": out or folder / f"{name}.report.html",
        "flags_csv": folder / f"{name}.flags.csv",
        "flags_json": folder / f"{name}.flags.json",
        "sample": folder / f"{name}.sample.csv",
        "rejected": folder / f"{name}.rejected.csv",
    }


def _check_free(targets: dict[str, Path]) -> None:
    """Raise Invalid where a file is in the way that no audit has written: files beside a report of ours are ours."""
    report = targets["report"]
    if report.is_file():
        with report.open("rb") as file:
            if MARK in file.read(HEAD):
                return
    for path in targets.values():
        if path.exists():
            raise Invalid(
                "{path} is there and was written by no audit. Name another place with --out, or say --force.",
                field="out",
                path=path,
            )


def _repeat(table: Table, *, seed: int, quick: bool) -> str:
    """Return the command that gives the same report."""
    words = ["labeler audit", _quoted(table.name)]
    columns = {table.media: table.content, "label": table.label, "encoding": table.encoding}
    words += [f"--{name} {_quoted(value)}" for name, value in columns.items() if value]
    return " ".join([*words, f"--seed {seed}", *(["--quick"] if quick else [])])


def _checksum(path: Path) -> str | None:
    """Return the SHA-256 of a file, None for a folder."""
    if path.is_dir():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _quoted(word: str) -> str:
    return shlex.quote(word)


def _run(begin: float) -> dict[str, Any]:
    """Return when it was, and what it cost: the only part of a report that differs from run to run."""
    cpu = time.process_time()
    return {
        "at": datetime.now(UTC).strftime("%d %b %Y, %H:%M UTC"),
        "seconds": round(time.perf_counter() - begin, 1),
        "cpu_seconds": round(cpu, 1),
        "peak_megabytes": _peak(),
        "watt_hours": round(cpu * WATTS / 3600, 3),
    }


def _peak() -> int | None:
    """Return the most memory this process held, in MB; None where the system does not say."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1_000_000)
