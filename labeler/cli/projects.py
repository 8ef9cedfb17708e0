"""Projects and their members from the command line."""

from pathlib import Path

import click

from labeler import workflow
from labeler.accounts import actions as accounts
from labeler.accounts.queries import user_by_email
from labeler.cli.group import as_json, labeler, opened, print_json
from labeler.exchange.numbers import NUMBERS
from labeler.exchange.parsing.class_names import parted
from labeler.projects.actions import NewProject, create_project
from labeler.projects.queries import project_by_slug
from labeler.quality import imported
from labeler.statistics.progress import labeled_items, progress_of
from labeler.storage.database import clock
from labeler.task_types.registry import TASK_TYPES


@labeler.group()
def project() -> None:
    """Manage projects."""


@project.command("create")
@click.argument("slug")
@click.option("--media", type=click.Choice(["text", "image"]), required=True)
@click.option("--task", type=click.Choice(sorted(TASK_TYPES)), required=True)
@click.option(
    "--classes",
    default="",
    help="Class names in order, separated by commas; one with a comma in it stands in quotes: '\"red, dark\",blue'.",
)
@click.option("--class", "more", multiple=True, help="One class name, whatever is in it; may be given several times.")
@click.option("--votes", default=1, show_default=True, help="How many people answer each item.")
@click.option("--name", default="", help="The name people see.")
@click.option("--guidelines", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A Markdown file.")
def create(
    slug: str,
    media: str,
    task: str,
    classes: str,
    more: tuple[str, ...],
    votes: int,
    name: str,
    guidelines: Path | None,
) -> None:
    """Create a project."""
    new = NewProject(
        slug=slug,
        media=media,
        task=task,
        classes=[(part, "") for part in (*parted(classes), *more)],
        votes=votes,
        name=name,
        guidelines=guidelines.read_text(encoding="utf-8") if guidelines else "",
    )
    with opened() as (_, database, _files), database.write() as session:
        create_project(session, new, by=None, now=clock(session))
    click.echo(f"Created the project {slug}.", err=True)


@project.command("show")
@click.argument("slug")
@as_json
def show(slug: str, as_json: bool) -> None:
    """Show how far a project is: items done and labeled, and answers given of those that are wanted."""
    with opened() as (_, database, _files), database.read() as session:
        target = project_by_slug(session, slug)
        far, labeled = progress_of(session, target), labeled_items(session, target.id)
    if as_json:
        print_json({"slug": slug, **vars(far), "labeled": labeled})
        return
    click.echo(f"{far.done:,} of {far.items:,} items done, {labeled:,} labeled")
    click.echo(f"{far.answers:,} of {far.wanted:,} answers given")


@project.command("votes")
@click.argument("slug")
@click.argument("votes", type=int)
def votes(slug: str, votes: int) -> None:
    """Want another number of answers an item; answers that came beyond the old number count, as far as they fit."""
    with opened() as (_, database, _files), database.write() as session:
        target = project_by_slug(session, slug)
        counted = workflow.change_votes(session, target, votes)
        left = workflow.beyond(session, target).answers
    click.echo(f"{slug} wants {votes} answers an item; {counted:,} late answers count now, {left:,} do not.")


@project.command("forget")
@click.argument("slug")
@click.argument("what", type=click.Choice(NUMBERS))
def forget(slug: str, what: str) -> None:
    """Remove the vectors or probabilities that were imported; label checks go on without them."""
    with opened() as (_, database, files), database.read() as session:
        there = imported.forget(files.imported_of(project_by_slug(session, slug).id), what)
    click.echo(f"The {what} of {slug} are removed." if there else f"{slug} has no {what}.")


@project.command("member")
@click.argument("slug")
@click.argument("email")
@click.option("--role", type=click.Choice(accounts.PROJECT_ROLES), required=True)
def member(slug: str, email: str, role: str) -> None:
    """Put a person into a project, or change their role there."""
    with opened() as (_, database, _files), database.write() as session:
        target = project_by_slug(session, slug)
        person = user_by_email(session, email)
        accounts.set_member(session, target.id, person.id, role=role, now=clock(session))
    click.echo(f"{person.email} is {role} in {slug}.", err=True)
