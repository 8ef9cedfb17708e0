"""`labeler import`."""

from pathlib import Path

import click

from labeler import workflow
from labeler.cli.group import as_json, labeler, opened, print_json, progress_bar
from labeler.exchange.actions import ImportResult
from labeler.exchange.formats import READERS, Mapping, Source, as_votes
from labeler.exchange.formats.base import Wants
from labeler.exchange.reading import open_rows, options_of
from labeler.projects.queries import project_by_slug

SHOWN = 10


@labeler.command("import")
@click.argument("slug")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--format", "format_name", type=click.Choice(sorted(READERS)), help="Detected when not given.")
@click.option(
    "--as", "wants", type=click.Choice(["items", "annotations", "predictions"]), default="items", show_default=True
)
@click.option("--id-column", help="Column with your own id.")
@click.option("--text-column", help="Column with the text.")
@click.option("--image-column", help="Column with the image's file name.")
@click.option("--label-column", help="Column with the given label (or, for annotations, the answer).")
@click.option("--annotator-column", help="Column that says who answered (annotations).")
@as_json
def import_(
    slug: str,
    path: Path,
    format_name: str | None,
    wants: Wants,
    id_column: str | None,
    text_column: str | None,
    image_column: str | None,
    label_column: str | None,
    annotator_column: str | None,
    as_json: bool,
) -> None:
    """Import a file, a folder or a ZIP of images. Bad rows are reported and never stop good ones."""
    mapping = Mapping(
        id=id_column, text=text_column, image=image_column, label=label_column, annotator=annotator_column
    )
    with opened() as (_, database, files):
        with database.read() as session:
            project = project_by_slug(session, slug)
            options = options_of(session, project, wants=wants, mapping=mapping)
        name, rows = open_rows(Source.local(path), format_name, options)
        plan = workflow.ImportPlan(path.name, name)
        with progress_bar("Importing", quiet=as_json) as progress:
            if wants == "annotations":
                votes = as_votes(rows, options)
                result = workflow.import_votes(database, project.id, votes, plan, progress=progress)
            elif wants == "predictions":
                result = workflow.import_predictions(database, project.id, rows, plan, progress=progress)
            else:
                result = workflow.import_items(database, files, project.id, rows, plan, progress=progress)
    _print(result, as_json=as_json)


def _print(result: ImportResult, *, as_json: bool) -> None:
    if as_json:
        counts = {name: getattr(result, name) for name in ("added", "changed", "unchanged", "rejected")}
        rows = [{"row": p.number, "column": p.column, "reason": p.reason} for p in result.problems]
        print_json({"import": result.import_id, **counts, "rejected_rows": rows})
        return
    click.echo(
        f"{result.added:,} added, {result.changed:,} changed, {result.unchanged:,} unchanged, {result.rejected:,} not."
    )
    for problem in result.problems[:SHOWN]:
        where = f" ({problem.column})" if problem.column else ""
        click.echo(f"  row {problem.number}{where}: {problem.reason}", err=True)
    if result.rejected > SHOWN:
        click.echo(f"  and {result.rejected - SHOWN:,} more; the Data page of the project has them all.", err=True)
