"""`labeler import`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import click

from labeler import workflow
from labeler.cli.group import as_json, labeler, opened, print_json, progress_bar
from labeler.exchange.actions import ImportResult
from labeler.exchange.elsewhere import reaching
from labeler.exchange.formats.registry import READERS
from labeler.exchange.reading import options_of
from labeler.exchange.rows import RejectedRow
from labeler.exchange.sources import Mapping, Source, Wants
from labeler.projects.queries import project_by_slug
from labeler.remote.addresses import Address, is_address, parsed
from labeler.remote.elsewhere import Elsewhere
from labeler.remote.files import Keep
from labeler.storage.files import FileStore

SHOWN = 10


class PathOrAddress(click.Path):
    """A file or folder that is there, or an address of files elsewhere."""

    def __init__(self) -> None:
        super().__init__(exists=True, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Take an address as one, anything else as a path."""
        return parsed(value) if isinstance(value, str) and is_address(value) else super().convert(value, param, ctx)


@labeler.command("import")
@click.argument("slug")
@click.argument("path", type=PathOrAddress(), metavar="PATH|ADDRESS")
@click.option("--format", "format_name", type=click.Choice(sorted(READERS)), help="Detected when not given.")
@click.option("--as", "wants", type=click.Choice(get_args(Wants)), default="items", show_default=True)
@click.option("--replace", is_flag=True, help="Whether vectors or probabilities take the place of all imported before.")
@click.option("--id-column", help="Column with your own id.")
@click.option("--text-column", help="Column with the text.")
@click.option("--image-column", help="Column with the image's file name.")
@click.option("--label-column", help="Column with the given label (or, for annotations, the answer).")
@click.option("--annotator-column", help="Column that says who answered (annotations).")
@click.option("--annotator", default="", help="Who answered (annotations), where the file does not say it.")
@click.option("--encoding", help="Encoding of a text file, such as cp1252 or utf-16-le; UTF-8 when not given.")
@click.option(
    "--classes",
    default="",
    metavar="NAME,NAME,…",
    help="What the numbers of classes mean where the file holds no names of them (labels of YOLO alone, results in "
    "COCO): the names in the order of the numbers from 0, or 1=cat,3=dog.",
)
@click.option("--sheet", default="", help="Sheet of a workbook; the first one when not given.")
@click.option(
    "--folder-labels/--no-folder-labels", default=True, help="Whether the folder of an image is its given label."
)
@click.option(
    "--keep",
    type=click.Choice(get_args(Keep)),
    default="copy",
    show_default=True,
    help="Of pictures that lie elsewhere: copy them, or keep a reference and leave them where they are.",
)
@as_json
def import_(
    slug: str,
    path: Path | Address,
    format_name: str | None,
    wants: Wants,
    replace: bool,
    id_column: str | None,
    text_column: str | None,
    image_column: str | None,
    label_column: str | None,
    annotator_column: str | None,
    annotator: str,
    encoding: str | None,
    classes: str,
    sheet: str,
    folder_labels: bool,
    keep: Keep,
    as_json: bool,
) -> None:
    """Import a file, a folder or a ZIP of images. Bad rows are reported and never stop good ones.

    Labels, annotations and predictions are of items that are there, found by id, file name or content; what is found
    in no such way is named. Labels of pictures that are items already need no pictures beside them.

    They may lie elsewhere: s3://bucket/folder/, s3://bucket/folder/*.jpg, gs://…, az://… or https://… (one file). Keys
    to buckets come from the environment, as their own tools read them (AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL, …).
    References, and addresses in tables, need the setting LABELER_REMOTE: the server fetches them later.

    Vectors and probabilities (also as NPZ and Parquet) are heard by the next label check. Import probabilities only of
    a model that did not learn from the labels of the items it speaks of: such a model would call every label right.
    """
    mapping = Mapping(
        id=id_column,
        text=text_column,
        image=image_column,
        label=label_column,
        annotator=annotator_column,
        folder_labels=folder_labels,
    )
    with opened() as (_, database, files):
        with database.read() as session:
            project = project_by_slug(session, slug)
            options = options_of(
                session,
                project,
                wants=wants,
                mapping=mapping,
                encoding=encoding,
                sheet=sheet,
                annotator=annotator,
                classes=classes,
            )
        with progress_bar("Importing", quiet=as_json) as progress:
            asked = workflow.Asked(_source(path, files, keep), format_name, options, replace=replace)
            if isinstance(path, Address):
                place = workflow.RemoteSource(_asked_here(files.elsewhere, path, keep), path, keep)
                result = workflow.import_address(database, files, project.id, place, asked, progress=progress)
            else:
                result = workflow.import_source(database, files, project.id, asked, progress=progress)
        with database.read() as session:
            waiting = workflow.beyond(session, project_by_slug(session, slug)) if result.not_counted else None
    if as_json:
        print_json(result.as_json())
    else:
        _print(result, slug, waiting)
    if result.nothing_came_in:
        raise SystemExit(1)


def _source(path: Path | Address, files: FileStore, keep: Keep) -> Source:
    if isinstance(path, Address):
        return Source(str(path))
    return reaching(Source.local(path), files.elsewhere, keep)


def _asked_here(elsewhere: Elsewhere, address: Address, keep: Keep) -> Elsewhere:
    """Return what may be fetched: whoever runs commands may copy what they name; only the server keeps references."""
    return elsewhere.with_also(address) if keep == "copy" else elsewhere


def _print(result: ImportResult, slug: str, waiting: workflow.Beyond | None) -> None:
    click.echo(
        f"{result.added:,} added, {result.changed:,} changed, {result.unchanged:,} unchanged, {result.rejected:,} not."
    )
    if result.not_counted:
        click.echo(_not_counted(result, slug, waiting))
    for what, count in result.left_out.most_common():
        click.echo(f"  Left out, {count:,} x: {what}", err=True)
    _name(result.problems, result.rejected)
    _name(result.incomplete, result.without_a_part)


def _not_counted(result: ImportResult, slug: str, waiting: workflow.Beyond | None) -> str:
    kept = f"{result.not_counted:,} answers came beyond the wanted votes: they are kept and not counted."
    if waiting is None or not waiting.answers:
        return kept
    return f"{kept} To count them: labeler project votes {slug} {waiting.wanted}"


def _name(rows: Sequence[RejectedRow], count: int) -> None:
    """Name what was left out by its file or row, the first ones of all `count`."""
    for row in rows[:SHOWN]:
        where = f" ({row.column})" if row.column else ""
        click.echo(f"  {row.file or f'row {row.number}'}{where}: {row.reason}", err=True)
    if count > SHOWN:
        click.echo(f"  and {count - SHOWN:,} more; the Data page of the project has them all.", err=True)
