"""`labeler export`."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from labeler import durable
from labeler.cli.export_options import choices_of, export_options
from labeler.cli.group import as_json, labeler, opened, print_json
from labeler.exchange.contents import Contents, contents_of
from labeler.exchange.exporting import Export, prepare
from labeler.exchange.formats.registry import WRITERS
from labeler.projects.queries import classes_of, project_by_slug
from labeler.releases.card import error_told
from labeler.releases.counted import error_as_json
from labeler.statistics.conditions import ALL
from labeler.statistics.remaining_error import remaining_error
from labeler.storage.database import clock
from labeler.workflow.telling import export_done


@labeler.command()
@click.argument("slug")
@click.option("--format", "format_name", type=click.Choice(sorted(WRITERS)), required=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
@export_options
@as_json
def export(slug: str, format_name: str, out: Path, as_json: bool, **options: Any) -> None:
    """Write the labels of a project to a file; says what is in it, what is left out and why."""
    with opened() as (_, database, files), database.read() as session:
        project = project_by_slug(session, slug)
        chosen = choices_of(session, project.id, format_name, options)
        made = prepare(session, project, chosen, clock(session), picture=files.read_original)
        found = contents_of(session, project.id, chosen.items)
        error = error_as_json(remaining_error(session, project), classes_of(session, project.id).by_code)
        with durable.writing(out, mode=durable.PUBLIC) as file:
            file.writelines(made.chunks())
        export_done(database, project.id, format_name, chosen.items.which)
    left = {"excluded": found.excluded, "unlabeled": found.unlabeled, "tied": found.ties_out}
    reasons = {} if chosen.items.which == ALL else left
    reasons |= {"filtered": found.filtered} if chosen.items.filtered else {}
    if as_json:
        told = {"left_out": reasons, "error": error, "choices": chosen.to_json()}
        print_json({**_told(made, found, out), **told})
    else:
        _say(made, found, reasons, out)
        click.echo(error_told(error), err=True)


def _told(made: Export, found: Contents, out: Path) -> dict[str, Any]:
    report = made.context.report
    lost = [{"what": what, "count": one.count, "items": one.items} for what, one in report.losses.items()]
    losses = [*report.lines()[1:], *made.writer.loses(made.context)]
    parts = [asdict(part) for part in made.parts.listed] if made.parts else []
    told = {"written": report.written, "losses": losses, "lost": lost, "path": str(out)}
    return {**told, "contents": asdict(found), "parts": parts}


def _say(made: Export, found: Contents, reasons: dict[str, int], out: Path) -> None:
    report = made.context.report
    click.echo(f"{report.written:,} items written to {out}.")
    for part in made.parts.listed if made.parts else ():
        click.echo(f"{part.name}: {part.items:,}")
    for line in report.lines()[1:]:
        click.echo(line, err=True)
    for reason, count in reasons.items():
        if count:
            click.echo(f"Left out, {reason}: {count:,}")
    open_questions = {
        "with a flag that waits for a decision": found.flagged.inside,
        "whose votes tie": found.tied.inside,
        "with an existing label that nobody has seen": found.given.inside,
        "with a label of the model that nobody has seen": found.automatic.inside,
    }
    for words, count in open_questions.items():
        if count:
            click.echo(f"In it, {words}: {count:,}", err=True)
