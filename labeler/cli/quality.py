"""`labeler inspect`, `labeler agreement` and `labeler flags`."""

from collections.abc import Iterator
from typing import Any

import click
from sqlalchemy.orm import Session

from labeler import workflow
from labeler.accounts.queries import users_by_id
from labeler.agreement.meant import EVERY
from labeler.agreement.measured import as_json as agreement_json
from labeler.agreement.measured import measure, measure_two
from labeler.cli.group import as_json, labeler, opened, print_json, progress_bar
from labeler.measures.headline import Headline, shown
from labeler.projects.models import Project
from labeler.projects.queries import classes_of, imports_of, project_by_slug, task_of
from labeler.quality.flag_rows import all_scores, worst_flags
from labeler.quality.models import Inspection
from labeler.quality.queries import latest_inspection
from labeler.statistics.snapshot import read_snapshot


@labeler.command()
@click.argument("slug")
@as_json
def inspect(slug: str, as_json: bool) -> None:
    """Run the quality pass now, here, with a progress bar."""
    with opened() as (_, database, files):
        with database.read() as session:
            project = project_by_slug(session, slug)
        with progress_bar("Inspecting", quiet=as_json) as progress:
            inspection_id = workflow.inspect(database, files, project.id, progress=progress)
        with database.read() as session:
            found = session.get_one(Inspection, inspection_id)
    if as_json:
        print_json({"inspection": found.id, "state": found.state, "summary": found.summary})
        return
    for note in [*found.summary.get("notes", []), *(one["said"] for one in found.summary.get("set_findings", []))]:
        click.echo(note)
    for kind, count in found.summary.get("findings", {}).items():
        click.echo(f"{kind}: {count:,}")


@labeler.command()
@click.argument("slug")
@click.option("--all", "every", is_flag=True, help="Every number of the agreement page, one a line.")
@as_json
def agreement(slug: str, every: bool, as_json: bool) -> None:
    """Show how far annotators agree, with its interval."""
    if every:
        _print_numbers(slug, as_json=as_json)
        return
    with opened() as (_, database, _files), database.read() as session:
        project = project_by_slug(session, slug)
        classes = classes_of(session, project.id)
        found = measure(session, project, classes)
        two = measure_two(session, project, classes)
    if as_json:
        print_json(agreement_json(found, classes.names, two))
        return
    for line in _agreement_lines(found.headline(classes.names)):
        click.echo(line)


def _agreement_lines(headline: Headline) -> Iterator[str]:
    said = shown(headline)
    if said["percent"]:
        yield f"Two annotators of one item give the same answer {said['percent']} of the time."
    if said["chance"]:
        yield f"Guessing with the same habits would give {said['chance']}."
    if said["value"]:
        span = f" (95 %: {said['low']} to {said['high']})" if said["low"] else ""
        yield f"Agreement ({headline.measure}): {said['value']}{span}"
    if headline.reason:
        yield headline.reason


def _print_numbers(slug: str, *, as_json: bool) -> None:
    from labeler.statistics.agreement_numbers import read_everything
    from labeler.statistics.agreement_rows import COLUMNS, rows

    with opened() as (_, database, _files), database.read() as session:
        project = project_by_slug(session, slug)
        classes = classes_of(session, project.id)
        every = read_everything(session, project, classes, read_snapshot(session, project), EVERY)
        people = {one.id: one.email for one in users_by_id(session, [one.user for one in every.people])}
        files = {one.id: one.name for one in imports_of(session, project.id)}
        found = [vars(row) for row in rows(every, people, files)]
    if as_json:
        print_json(found)
        return
    click.echo("\t".join(COLUMNS))
    for row in found:
        click.echo("\t".join("" if value is None else str(value) for value in row.values()))


@labeler.command()
@click.argument("slug")
@click.option("--all", "every", is_flag=True, help="The probability wrong of every labeled item, flagged or not.")
@as_json
def flags(slug: str, every: bool, as_json: bool) -> None:
    """List the items to look at again, worst first, one a line.

    The first number is the score: of a wrong label the probability that it is wrong, once ten flags were decided one by
    one; before, and of other kinds, it is only what orders them.
    """
    with opened() as (_, database, _files), database.read() as session:
        project = project_by_slug(session, slug)
        inspection = latest_inspection(session, project.id)
        if inspection is None:
            click.echo(f"There is no inspection of {slug} yet. Run: labeler inspect {slug}", err=True)
            return
        task = task_of(project)
        if why := _why_no_label_errors(inspection):
            click.echo(why, err=True)
        for row in _rows(session, project, inspection, every=every):
            if as_json:
                print_json(row)
            else:
                said = row["suggested_label"] or (row["suggested_value"] and task.text(row["suggested_value"]))
                suggestion = f" -> {said}" if said else ""
                name = row["external_id"] or row["item"]
                click.echo(f"{row['score']:.3f}  {row['kind']:<14}  {name}  {row['given_label'] or '-'}{suggestion}")


def _why_no_label_errors(inspection: Inspection) -> str:
    """Return the sentence of a run whose model judged no label; "" where it did."""
    return "" if inspection.summary.get("model") else " ".join(inspection.summary.get("notes", [])[:1])


def _rows(session: Session, project: Project, inspection: Inspection, *, every: bool) -> Iterator[dict[str, Any]]:
    found = all_scores(session, project.id, inspection.id) if every else worst_flags(session, project.id, inspection.id)
    return (row._asdict() for row in found)
