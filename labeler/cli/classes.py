"""`labeler project classes`: what a page and the API do with classes, from the command line."""

from typing import Any

import click
from sqlalchemy.orm import Session

from labeler import workflow
from labeler.cli.group import as_json, opened, print_json
from labeler.cli.projects import project
from labeler.errors import Invalid
from labeler.projects.models import Project
from labeler.projects.queries import classes_of, project_by_slug
from labeler.workflow.classes import said

_PAIR: dict[str, Any] = {"nargs": 2, "type": str, "multiple": True}


@project.command("classes")
@click.argument("slug")
@click.option("--add", multiple=True, metavar="NAME", help="Add a class behind the others.")
@click.option("--rename", **_PAIR, metavar="OLD NEW", help="Give a class another name; its labels follow.")
@click.option("--merge", **_PAIR, metavar="GONE INTO", help="Let a class go, and another take its labels.")
@click.option("--remove", multiple=True, metavar="NAME", help="Take a class away that nothing names.")
@click.option("--dry-run", is_flag=True, help="Change nothing; say how much a merge would touch.")
@click.option("--confirm", type=int, metavar="COUNT", help="Merge without asking where it touches just so much.")
@click.option("--yes", is_flag=True, help="Merge without asking: the two classes cannot be parted again.")
@as_json
def classes(
    slug: str,
    add: tuple[str, ...],
    rename: tuple[tuple[str, str], ...],
    merge: tuple[tuple[str, str], ...],
    remove: tuple[str, ...],
    dry_run: bool,
    confirm: int | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Show the classes of a project and how much names each, or change them: all that is asked for, or nothing.

    Answers and decisions follow. A merge says how much it touches (also as --dry-run --json) and asks first; each
    answer keeps in its record what was chosen.
    """
    with opened() as (_, database, _files):
        with database.read() as session:
            target = project_by_slug(session, slug)
            edit = _edit(session, target, (add, rename, merge, remove))
            touched = workflow.touched_by(session, target, edit)
        if dry_run:
            _say(touched, as_json=as_json)
            return
        if merge and confirm is None and not yes:
            words = ", ".join(f"{gone!r} into {into!r}" for gone, into in merge)
            click.confirm(f"Merging {words} touches {touched.words} and cannot be undone. Go on?", abort=True, err=True)
        if add or rename or merge or remove:
            with database.write() as session:
                target = project_by_slug(session, slug)
                if confirm is not None:
                    workflow.check_sure(session, target, edit, confirm)
                workflow.edit_classes(session, target, edit)
        with database.read() as session:
            shown = _shown(session, project_by_slug(session, slug))
    if as_json:
        print_json(shown)
        return
    for one in shown:
        click.echo(f"{one['name']}: {one['use'] or 'not used'}")


def _say(touched: workflow.Touched, *, as_json: bool) -> None:
    if as_json:
        print_json(touched.as_json())
    else:
        click.echo(f"This would touch {touched.words}: {touched.count:,} in all. Nothing was changed.")


def _edit(session: Session, target: Project, asked: tuple[Any, Any, Any, Any]) -> workflow.ClassEdit:
    """Return what is asked for as an edit; raises Invalid for a name that no class has."""
    add, rename, merge, remove = asked
    rows = {row.name: row for row in classes_of(session, target.id).rows}

    def id_of(name: str) -> int:
        if name not in rows:
            known = ", ".join(rows)
            raise Invalid("{name!r} is not a class of this project. It has {known}.", name=name, known=known)
        return rows[name].id

    return workflow.ClassEdit(
        merged={id_of(gone): id_of(into) for gone, into in merge},
        removed=[id_of(name) for name in remove],
        renamed={id_of(old): (new, rows[old].description) for old, new in rename},
        added=[(name, "") for name in add],
    )


def _shown(session: Session, target: Project) -> list[dict[str, Any]]:
    uses = workflow.uses_of_classes(session, target)
    rows = classes_of(session, target.id).rows
    return [
        {"name": row.name, **vars(uses[row.id]), "use": str(said(uses[row.id])) if uses[row.id].total else ""}
        for row in rows
    ]
