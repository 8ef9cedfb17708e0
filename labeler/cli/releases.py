"""`labeler release`: make one, list them, compare two, write one to a file, verify one."""

import secrets
import shutil
from pathlib import Path
from typing import Any

import click

from labeler import durable
from labeler.cli.export_options import choices_of, export_options
from labeler.cli.group import as_json, labeler, opened, print_json, progress_bar
from labeler.errors import NotFound
from labeler.exchange.formats.registry import WRITERS
from labeler.projects.queries import project_by_slug
from labeler.releases import queries
from labeler.releases.actions import FORMAT, Asked, make_release
from labeler.releases.building import Frozen, compared
from labeler.releases.models import Release
from labeler.releases.selection import options_of
from labeler.releases.verifying import SAME, Verified, checked_path, verify_release


class MakeWhenNothingIsSaid(click.Group):
    """A group that makes a release where the first word is none of its commands: `labeler release SLUG`."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Find the command."""
        known = args[0] in self.commands
        return super().resolve_command(ctx, args if known else ["make", *args])


@labeler.group(cls=MakeWhenNothingIsSaid, invoke_without_command=False)
def release() -> None:
    """Freeze the labels of a project: labeler release SLUG. And list, compare, download and verify releases."""


@release.command("make")
@click.argument("slug")
@click.option("--name", default="", help="A few words, such as what it is for.")
@click.option("--format", "format_name", type=click.Choice(sorted(WRITERS)), default=FORMAT, show_default=True)
@click.option("--license", "license_name", default="", help="The license of the data, best an address.")
@export_options
@as_json
def make(slug: str, name: str, format_name: str, license_name: str, as_json: bool, **options: Any) -> None:
    """Make a release of a project's labels as they are now, chosen as for an export."""
    with opened() as (_, database, files):
        with database.read() as session:
            project_id = project_by_slug(session, slug).id
            chosen = choices_of(session, project_id, format_name, options)
        key, told = secrets.token_hex(16), {"license": license_name}
        asked = Asked(key, format_name, options_of(chosen), name, told)
        with progress_bar("Releasing", quiet=as_json) as progress:
            made = make_release(database, files, project_id, asked, progress=progress)
    if as_json:
        print_json(as_shape(made))
        return
    click.echo(f"Release {made.number}: {made.items:,} items, {made.size:,} bytes.")
    click.echo(f"SHA-256 {made.sha256}")
    for line in (*_chosen(made.numbers), *_changes(made.numbers.get("changes"))):
        click.echo(line)


def _chosen(numbers: dict[str, Any]) -> list[str]:
    left = [f"Left out by the filters: {numbers['filtered']:,}."] if "filtered" in numbers else []
    return left + [f"{name}: {part['items']:,}" for name, part in numbers.get("parts", {}).items()]


def as_shape(made: Release) -> dict[str, Any]:
    """Return a release as `--json` shows it."""
    named = ("number", "name", "sha256", "size", "format", "options", "items", "numbers", "made_by")
    times = {name: queries.moment(getattr(made, name)) for name in ("as_of", "made_at")}
    return {name: getattr(made, name) for name in named} | times


def _changes(found: dict[str, Any] | None) -> list[str]:
    if found is None:
        return []
    counts = (f"{found[kind]:,} {kind}" for kind in ("added", "removed", "changed", "same"))
    moved = [f"In another part of the split: {found['moved']:,}."] if found.get("moved") else []
    return [f"Since the release before: {', '.join(counts)}.", *moved]


@release.command("list")
@click.argument("slug")
@as_json
def list_(slug: str, as_json: bool) -> None:
    """List the releases of a project, newest first."""
    with opened() as (_, database, _files), database.read() as session:
        found = queries.releases_of(session, project_by_slug(session, slug).id)
    if as_json:
        print_json([as_shape(one) for one in found])
        return
    for one in found:
        click.echo(f"{one.number}  {one.as_of:%Y-%m-%d}  {one.items:>10,} items  {one.sha256}  {one.name}")


@release.command("diff")
@click.argument("slug")
@click.argument("number", type=int)
@click.argument("before", type=int)
@as_json
def diff(slug: str, number: int, before: int, as_json: bool) -> None:
    """Name what changed from release BEFORE to release NUMBER, an item a line, each with what decided it."""
    with opened() as (_, database, files):
        with database.read() as session:
            project_id = project_by_slug(session, slug).id
            states = [queries.release_in(session, project_id, one).state for one in (before, number)]
        old, new = (Frozen.at(files.release_path(one)) for one in states)
        counts, changes = compared(old, new)
        for change in changes:
            if as_json:
                print_json(change._asdict())
            else:
                told = f"{change.before or '-'} -> {change.now or '-'}"
                click.echo(f"{change.kind:<8} {change.external_id or change.item}  {told}  {change.cause}")
    for line in _changes(counts.as_json()):
        click.echo(line, err=True)


@release.command("download")
@click.argument("slug")
@click.argument("number", type=int)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
def download(slug: str, number: int, out: Path) -> None:
    """Write the archive of a release to a file."""
    with opened() as (_, database, files):
        with database.read() as session:
            project_id = project_by_slug(session, slug).id
            found = queries.release_in(session, project_id, number)
            check = queries.newest_checks(session, project_id).get(found.id)
        path = checked_path(files, found, check)
        with path.open("rb") as archive, durable.writing(out, mode=durable.PUBLIC) as file:
            shutil.copyfileobj(archive, file)
    click.echo(f"{found.size:,} bytes written to {out}. SHA-256 {found.sha256}")


@release.command("verify")
@click.argument("slug")
@click.argument("number", type=int, required=False)
@as_json
def verify(slug: str, number: int | None, as_json: bool) -> None:
    """Prove that a release (the newest one, unless NUMBER says which) is what it was; status 1 where it is not.

    All of its files are read, it is written again from the labels that were frozen, and the answers behind them are
    looked for in the database.
    """
    with opened() as (_, database, files):
        with database.read() as session:
            project_id = project_by_slug(session, slug).id
            newest = queries.newest(session, project_id)
        if newest is None:
            raise NotFound("This project has no release yet. Make one: labeler release {slug}", slug=slug)
        chosen = newest.number if number is None else number
        with progress_bar("Verifying", quiet=as_json) as progress:
            found = verify_release(database, files, project_id, chosen, progress=progress)
    if as_json:
        print_json({"release": chosen, **found.as_json()})
    else:
        _print(chosen, found)
    if not found.passed:
        raise SystemExit(1)


def _print(number: int, found: Verified) -> None:
    click.echo(f"Release {number} is what it was." if found.passed else f"Release {number} is not what it was!")
    click.echo(f"{found.files:,} files, {len(found.wrong):,} of them wrong{_listed(found.wrong)}")
    click.echo(f"Written again: {'the same bytes' if found.rebuilt == SAME else found.rebuilt.replace('_', ' ')}")
    if found.differing:
        click.echo(f"  other bytes{_listed(found.differing)}")
    if found.row:
        click.echo(f"  its row in the database says something else{_listed(found.row)}")
    changed = f", of {len(found.changed):,} items not as they were" if found.changed else ", all as they were"
    click.echo(f"{found.answers:,} answers behind it{changed}")


def _listed(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:10])
    return f": {shown}{', …' if len(names) > 10 else ''}" if names else ""  # noqa: PLR2004 - a line's worth
