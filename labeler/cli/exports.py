"""`labeler export`."""

import os
from collections.abc import Iterator
from pathlib import Path

import click

from labeler.cli.group import as_json, labeler, opened, print_json
from labeler.exchange.formats import WRITERS, ExportRow
from labeler.exchange.queries import context_of, left_out, rows
from labeler.projects.queries import project_by_slug
from labeler.storage.database import clock


class Counted:
    """Rows that count themselves while they are written."""

    def __init__(self, source: Iterator[ExportRow]) -> None:
        self.count = 0
        self._source = source

    def __iter__(self) -> Iterator[ExportRow]:
        for row in self._source:
            self.count += 1
            yield row


@labeler.command()
@click.argument("slug")
@click.option("--format", "format_name", type=click.Choice(sorted(WRITERS)), required=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option("--all", "every", is_flag=True, help="Also items without a final label and excluded ones.")
@as_json
def export(slug: str, format_name: str, out: Path, every: bool, as_json: bool) -> None:
    """Write the labels of a project to a file; says what is left out and why."""
    writer = WRITERS[format_name]
    part = out.with_name(out.name + ".part")
    with opened() as (_, database, _files), database.read() as session, part.open("wb") as file:
        project = project_by_slug(session, slug)
        missing = left_out(session, project.id)
        source = Counted(rows(session, project, labeled_only=not every))
        for chunk in writer.write(source, context_of(session, project, clock(session))):
            file.write(chunk)
    written = source.count
    os.replace(part, out)  # noqa: PTH105 - one step: the file is whole or not there
    reasons = {} if every else {"excluded": missing.excluded, "unlabeled": missing.unlabeled, "tied": missing.tied}
    if as_json:
        print_json({"written": written, "left_out": reasons, "losses": list(writer.losses), "path": str(out)})
        return
    click.echo(f"{written:,} items written to {out}.")
    for reason, count in reasons.items():
        if count:
            click.echo(f"Left out, {reason}: {count:,}")
