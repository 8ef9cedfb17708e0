"""`labeler export`."""

from dataclasses import replace
from pathlib import Path

import click

from labeler import durable
from labeler.cli.group import as_json, labeler, opened, print_json
from labeler.exchange.formats.registry import WRITERS, check_fits
from labeler.exchange.queries import context_of, left_out, rows
from labeler.projects.queries import project_by_slug
from labeler.storage.database import clock
from labeler.workflow.telling import export_done


@labeler.command()
@click.argument("slug")
@click.option("--format", "format_name", type=click.Choice(sorted(WRITERS)), required=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option("--all", "every", is_flag=True, help="Also items without a final label and excluded ones.")
@as_json
def export(slug: str, format_name: str, out: Path, every: bool, as_json: bool) -> None:
    """Write the labels of a project to a file; says what is left out and why."""
    writer = WRITERS[format_name]
    with opened() as (_, database, files), database.read() as session:
        project = project_by_slug(session, slug)
        check_fits(writer, project.task, project.media)
        missing = left_out(session, project.id)
        context = replace(context_of(session, project, clock(session)), picture=files.read_original)
        with durable.writing(out, mode=durable.PUBLIC) as file:
            file.writelines(writer.write(rows(session, project, labeled_only=not every), context))
        export_done(database, project.id, format_name, "all" if every else "labeled")
    report = context.report
    reasons = {} if every else {"excluded": missing.excluded, "unlabeled": missing.unlabeled, "tied": missing.tied}
    if as_json:
        lost = [{"what": what, "count": one.count, "items": one.items} for what, one in report.losses.items()]
        losses = [*report.lines()[1:], *writer.losses]
        told = {"written": report.written, "left_out": reasons, "losses": losses, "lost": lost, "path": str(out)}
        print_json(told)
        return
    click.echo(f"{report.written:,} items written to {out}.")
    for line in report.lines()[1:]:
        click.echo(line, err=True)
    for reason, count in reasons.items():
        if count:
            click.echo(f"Left out, {reason}: {count:,}")
