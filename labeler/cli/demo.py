"""`labeler demo`: a sample project of every task type with simulated annotators, through the same path as real ones.

Nothing is faked: the items are imported, every answer is served and submitted, the pass runs in the real worker. Only
the clock of the simulated answers is set back, so that the last ten days have something to show.
"""

import csv
import io
import secrets
import tempfile
import time
import webbrowser
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from labeler import durable, workflow
from labeler.accounts import actions as accounts
from labeler.accounts.models import User
from labeler.annotations.actions import Answer
from labeler.cli import demo_scenes as scenes
from labeler.cli.demo_cards import cards
from labeler.cli.demo_cast import (
    DIGITS_CAST,
    MARKS_CAST,
    REVIEWS_CAST,
    TICKETS_CAST,
    Habits,
    SimulatedAnswer,
    Slips,
    answers,
    slips_anywhere,
    slips_to_neighbours,
)
from labeler.cli.demo_digits import slips_of_digits, write_digits
from labeler.cli.demo_marks import marked
from labeler.cli.demo_samples import Truth, read_classes, read_truth, sample_folder
from labeler.cli.demo_scenes import Scene
from labeler.cli.group import labeler, opened
from labeler.cli.serving import MakeApp, listening, run_until_stopped, worker_process
from labeler.config import Settings, read_settings
from labeler.decisions.actions import Decision
from labeler.errors import Conflict, Unavailable
from labeler.exchange.reading import open_rows, options_of
from labeler.exchange.sources import Source
from labeler.jobs import actions as jobs
from labeler.jobs.models import Job
from labeler.projects import actions as projects
from labeler.projects.models import Item, Project
from labeler.projects.queries import Question, classes_of
from labeler.quality.detectors.registry import WRONG_LABELS
from labeler.quality.queries import latest_inspection
from labeler.review import queue
from labeler.storage.database import Database, clock
from labeler.storage.files import FileStore

LEASE = timedelta(minutes=30)
DAYS = 10
BATCH = 10
CHECKED = 22  # flags the lead decides after each pass: together enough for a measured precision
LEFT = 4  # flags that wait for the visitor
PATIENCE = 120.0  # seconds to wait for the worker
CARDS_GUIDE = """# Old cards

Type what you see, line by line: capitals, commas and dots as they are.

A program read the text to start from. Look at every letter of it.
"""
LEAD, YOU = "lena@demo.example", "you@demo.example"


@dataclass(frozen=True)
class Sample:
    """One sample project. share: how much the simulated annotators answer, in two parts.

    slips: where mistakes end, for choices; scenes: the items themselves, for answers with parts.
    """

    folder: str
    new: projects.NewProject
    cast: Sequence[Habits]
    slips: Slips
    share: float
    scenes: tuple[Scene, ...] = ()


@dataclass(frozen=True)
class Stage:
    """A prepared project. people: {user id: {item: what they answer}}; rounds: batches of each, in all."""

    project_id: int
    truth: Truth
    people: dict[int, dict[str, Any]]
    rounds: int


@labeler.command()
@click.option("--port", default=8080, show_default=True, help="0 chooses a free one.")
@click.option("--instance", type=click.Path(path_type=Path), help="Folder to keep; a throwaway one when not given.")
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
@click.pass_obj
def demo(make_app: MakeApp, port: int, instance: Path | None, no_browser: bool) -> None:
    """Show Labeler with a sample project of every task type, simulated annotators and checked labels."""
    if instance is not None:
        _show(make_app, instance, port, no_browser=no_browser)
        return
    with tempfile.TemporaryDirectory(prefix="labeler-demo-") as folder:
        _show(make_app, Path(folder), port, no_browser=no_browser)


def _show(make_app: MakeApp, folder: Path, port: int, *, no_browser: bool) -> None:
    started = time.monotonic()
    settings = read_settings({}, instance=folder)
    passwords = {LEAD: secrets.token_urlsafe(12), YOU: secrets.token_urlsafe(12)}
    with opened(folder) as (_, database, files), worker_process(settings):
        if not _fill(database, files, settings, passwords):
            raise Conflict("{folder} holds a Labeler already; choose an empty folder for the demo.", folder=folder)
        app: Any = make_app(settings)
        with closing(app.extensions["labeler"].database), listening(app, "127.0.0.1", port) as (server, url):
            links = {email: f"{url}/link/{_sign_in_link(database, email)}" for email in (LEAD, YOU)}
            _say(url, passwords, links, time.monotonic() - started)
            if not no_browser:
                webbrowser.open(links[LEAD])
            run_until_stopped(server)


def _fill(database: Database, files: FileStore, settings: Settings, passwords: dict[str, str]) -> bool:
    with database.write() as session:
        if session.query(User).first() is not None:
            return False
        now = clock(session)
        lead = accounts.add_user(session, LEAD, role="lead", name="Lena Brandt", password=passwords[LEAD], now=now).id
        you = accounts.add_user(session, YOU, role="annotator", name="You", password=passwords[YOU], now=now).id
    click.echo("Importing sample projects and letting simulated annotators work …", err=True)
    samples = samples_of(settings.instance / "scenes")
    stages = [_prepare(database, files, settings, sample, lead, you) for sample in samples]
    for part, left in (("first", 0), ("second", LEFT)):
        click.echo(f"The {part} quality pass on each, and a lead who looks at what it found …", err=True)
        for stage in stages:
            if _annotate(database, stage, part=part):
                with database.write() as session:
                    jobs.ask_for_inspection(session, stage.project_id, by=lead, now=clock(session))
        _wait_for_worker(database)
        for stage in stages:
            _review(database, stage, lead, left=left)
    return True


def samples_of(folder: Path) -> list[Sample]:
    """Return a sample of every task type; what is drawn for them is written into a folder."""
    return [*_samples(), *_scenes(folder)]


def _samples() -> Iterable[Sample]:
    tickets = sample_folder("support_tickets")
    classes = read_classes(tickets)
    question = {"question": "What is this message about?", "order": "shuffled"}
    yield Sample(
        "support_tickets",
        _project("support-tickets", "Support tickets", "text", "classification", tickets, votes=3, settings=question),
        TICKETS_CAST,
        slips_anywhere([name for name, _ in classes]),
        0.55,
    )
    digits = sample_folder("digits")
    question = {"question": "Which digit is this?", "order": "shuffled"}
    yield Sample(
        "digits",
        _project("digits", "Handwritten digits", "image", "classification", digits, votes=2, settings=question),
        DIGITS_CAST,
        slips_of_digits(),
        0.4,
    )
    reviews = sample_folder("reviews_rating")
    scale = read_classes(reviews)
    ends = {"low": scale[0][1], "high": scale[-1][1]}
    question = {"question": "How satisfied does the writer sound?", **ends}
    yield Sample(
        "reviews_rating",
        _project("reviews", "Product reviews", "text", "rating", reviews, votes=4, settings=question),
        REVIEWS_CAST,
        slips_to_neighbours([name for name, _ in scale]),
        0.9,
    )


def _scenes(folder: Path) -> Iterable[Sample]:
    """Yield the samples that are made on the spot: answers with parts, and typed ones."""
    bench, roofs = scenes.bench(folder / "bench", 36, seed=1), scenes.roofs(folder / "roofs", 36, seed=2)
    made = (
        ("bench", "Parts on a bench", "image", "boxes", scenes.THINGS, bench),
        ("roofs", "Roofs and pools", "image", "polygons", scenes.ROOFS, roofs),
        ("notes", "Delivery notes", "text", "spans", scenes.MENTIONS, scenes.notes(40, seed=3)),
        ("feedback", "Customer feedback", "text", "multilabel", scenes.ASPECTS, scenes.feedback(60, seed=4)),
    )
    for slug, name, media, task, classes, items in made:
        rules = "".join(f"\n## {one}\n{rule}\n" for one, rule in classes)
        new = projects.NewProject(slug, media, task, list(classes), name=name, votes=2, guidelines=f"# {name}\n{rules}")
        yield Sample(slug, new, MARKS_CAST, {}, 0.5, tuple(items))
    asked = {"question": "Type what stands on the card.", "start_column": "ocr"}
    new = projects.NewProject(
        "cards", "image", "text", [], name="Old cards", votes=3, guidelines=CARDS_GUIDE, settings=asked
    )
    yield Sample("cards", new, MARKS_CAST, {}, 0.75, tuple(cards(folder / "cards", 80, seed=5)))


def _project(
    slug: str, name: str, media: str, task: str, folder: Path, *, votes: int, settings: dict[str, Any]
) -> projects.NewProject:
    guidelines = (folder / "guidelines.md").read_text(encoding="utf-8")
    classes = read_classes(folder)
    return projects.NewProject(
        slug, media, task, classes, name=name, votes=votes, guidelines=guidelines, settings=settings
    )


def _import(database: Database, files: FileStore, settings: Settings, sample: Sample, lead: int) -> tuple[Truth, int]:
    with database.write() as session:
        now = clock(session)
        project = projects.create_project(session, sample.new, by=lead, now=now)
        accounts.set_member(session, project.id, lead, role="lead", now=now)
        project_id, media = project.id, project.media
        options = options_of(session, project)
    if sample.scenes:
        truth, path = Truth({}, {}), _write_scenes(settings.instance / "scenes", sample)
    elif media == "image":
        folder = settings.instance / "digits"
        digits = write_digits(folder)
        lines = ["file_name,id,label", *(f"{d.path.name},{d.path.stem},{d.given}" for d in digits)]
        durable.write(folder / "metadata.csv", "\n".join([*lines, ""]).encode())
        truth, path = Truth({d.path.stem: d.truth for d in digits}, {}), folder
    else:
        source = sample_folder(sample.folder)
        truth, path = read_truth(source), source / "items.csv"
    name, rows = open_rows(Source.local(path), None, options)
    plan = workflow.ImportPlan(path.name, name, by=lead)
    workflow.import_items(database, files, project_id, rows, plan)
    return truth, project_id


def _write_scenes(folder: Path, sample: Sample) -> Path:
    """Write what is imported: a table of texts, or one beside the pictures that names them."""
    texts = io.StringIO()
    writer = csv.writer(texts, lineterminator="\n")
    if sample.new.media == "image":
        writer.writerow(("file_name", "id", *(name for name, _ in sample.scenes[0].columns)))
        for scene in sample.scenes:
            writer.writerow((Path(scene.content).name, scene.id, *(cell for _, cell in scene.columns)))
        durable.write(folder / sample.folder / "metadata.csv", texts.getvalue().encode())
        return folder / sample.folder
    writer.writerow(("id", "text"))
    writer.writerows((scene.id, scene.content) for scene in sample.scenes)
    durable.make_folder(folder)
    durable.write(folder / f"{sample.folder}.csv", texts.getvalue().encode())
    return folder / f"{sample.folder}.csv"


def _prepare(database: Database, files: FileStore, settings: Settings, sample: Sample, lead: int, you: int) -> Stage:
    """Import a sample and bring its people together, each with what they are going to answer."""
    truth, project_id = _import(database, files, settings, sample, lead)
    people: dict[int, dict[str, Any]] = {}
    with database.write() as session:
        now = clock(session)
        accounts.set_member(session, project_id, you, role="annotator", now=now)
        total = session.query(Item).filter(Item.project_id == project_id).count()
        for habits in sample.cast:
            email = f"{habits.name.lower()}@demo.example"
            user_id = accounts.member_named(session, project_id, email, now=now)
            session.get_one(User, user_id).name = habits.name
            given = _answers(sample, truth, habits)
            people[user_id] = {answer.item: answer for answer in given}
    return Stage(project_id, truth, people, rounds=round(total * sample.share / BATCH))


def _answers(sample: Sample, truth: Truth, habits: Habits) -> list[SimulatedAnswer]:
    if sample.scenes:
        return marked(sample.scenes, [name for name, _ in sample.new.classes], habits, seed=0)
    return answers(truth.labels, truth.hard, sample.slips, habits, seed=0)


def _annotate(database: Database, stage: Stage, *, part: str) -> bool:
    """Let everybody work through the first quarter or the rest of their part, in small batches over the last days.

    Returns whether anybody answered anything.
    """
    middle = stage.rounds // 4
    numbers = range(middle) if part == "first" else range(middle, stage.rounds)
    for number in numbers:
        at = datetime.now(UTC) - timedelta(days=DAYS) * (1 - (number + 0.5) / stage.rounds)
        for offset, (user_id, script) in enumerate(stage.people.items()):
            with database.write() as session:
                _answer_batch(session, stage.project_id, user_id, script, at + timedelta(minutes=7 * offset))
    return bool(numbers)


def _answer_batch(session: Session, project_id: int, user_id: int, script: dict[str, Any], at: datetime) -> None:
    held = workflow.serve(session, project_id, user_id, count=BATCH, lease=LEASE, now=at)
    question = Question.of(session, session.get_one(Project, project_id))
    for one in held:
        planned = script[one.item.external_id or ""]
        at += timedelta(seconds=planned.seconds)
        answer = Answer(
            key=secrets.token_hex(16),
            assignment=one.assignment.id,
            value=planned.value or (None if planned.label is None else {"label": planned.label}),
            seconds=planned.seconds,
            comment=planned.comment or "",
            skip=planned.skip,
        )
        workflow.submit(session, question, user_id, [answer], now=at)


def _wait_for_worker(database: Database) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with database.read() as session:
            waiting = session.query(Job).filter(Job.state.in_(("queued", "running"))).count()
        if not waiting:
            return
        time.sleep(0.2)
    raise Unavailable("The worker did not finish checking labels in time; its output above says why.")


def _review(database: Database, stage: Stage, lead: int, *, left: int) -> None:
    """Let the lead decide flags one by one, as somebody would who knows the truth; `left` wait for the visitor."""
    with database.write() as session:
        project = session.get_one(Project, stage.project_id)
        classes = classes_of(session, stage.project_id)
        inspection = latest_inspection(session, stage.project_id)
        limit = CHECKED + left
        flags = queue.first(session, inspection.id, kind=WRONG_LABELS.kind, limit=limit) if inspection else []
        for flag in flags[: max(0, min(CHECKED, len(flags) - left))]:
            right = stage.truth.labels[session.get_one(Item, flag.item_id).external_id or ""]
            keeps = classes.by_name[right] == flag.label_code
            decision = Decision(
                key=secrets.token_hex(16),
                item=flag.item_id,
                decision="keep" if keeps else "relabel",
                code="" if keeps else classes.by_name[right],
            )
            workflow.resolve(session, project, decision, by=lead)


def _sign_in_link(database: Database, email: str) -> str:
    from labeler.accounts.queries import user_by_email

    with database.write() as session:
        return accounts.add_sign_in_link(session, user_by_email(session, email).id, clock(session))


def _say(url: str, passwords: dict[str, str], links: dict[str, str], seconds: float) -> None:
    click.echo(f"\nLabeler is ready at {url} ({seconds:.0f} s)\n")
    for email, who in ((LEAD, "lead"), (YOU, "annotator")):
        click.echo(f"  {who:<10} {email}   password {passwords[email]}")
        click.echo(f"  {'':<10} one-use sign-in link: {links[email]}\n")
    click.echo("Everything in it is thrown away when you stop it with Ctrl+C, unless --instance named a folder.")
