"""Rights that end take with them what they granted; and two changes at the same moment end as one after the other."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial

import pytest
from sqlalchemy import func, select

from labeler.accounts import actions, queries
from labeler.accounts.models import Membership, User
from labeler.config import Settings
from labeler.errors import NotFound
from labeler.projects import actions as projects
from labeler.projects.models import Project, ProjectClass
from labeler.projects.queries import classes_of
from labeler.storage.database import Database
from labeler.storage.migrations import upgrade

ROUNDS = 8
CLASSES = [("cat", ""), ("dog", "")]


@pytest.fixture
def either(any_settings: Settings) -> Iterator[Database]:
    found = Database(any_settings)
    upgrade(found)
    yield found
    found.close()


def now() -> datetime:
    return datetime.now(UTC)


def add(database: Database, name: str, role: str) -> int:
    with database.write() as session:
        return actions.add_user(session, f"{name}@example.org", role=role, now=now()).id


def at_once(*works: Callable[[], object]) -> list[str]:
    """Run all at the same moment; returns "" for each that worked, else the name of its error."""
    start = threading.Barrier(len(works))
    found = [""] * len(works)

    def run(number: int) -> None:
        start.wait()
        try:
            works[number]()
        except Exception as error:  # noqa: BLE001 - the name says which
            found[number] = type(error).__name__

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(found)


def test_the_last_two_admins_cannot_demote_each_other(either: Database) -> None:
    one, two = add(either, "one", "admin"), add(either, "two", "admin")

    def demote(user: int) -> None:
        with either.write() as session:
            actions.change_account(session, user, role="annotator")

    for _ in range(ROUNDS):
        assert at_once(lambda: demote(one), lambda: demote(two)) == ["", "Conflict"]
        with either.write() as session:
            assert session.scalar(select(func.count()).select_from(User).where(User.role == "admin")) == 1
            for user in (one, two):
                actions.set_role(session, user, "admin")


def test_the_last_two_admins_cannot_switch_each_other_off(either: Database) -> None:
    one, two = add(either, "one", "admin"), add(either, "two", "admin")

    def switch_off(user: int) -> None:
        with either.write() as session:
            actions.change_account(session, user, active=False)

    for _ in range(ROUNDS):
        assert at_once(lambda: switch_off(one), lambda: switch_off(two)) == ["", "Conflict"]
        with either.write() as session:
            for user in (one, two):
                actions.set_active(session, user, active=True)


def test_one_name_is_given_once_however_many_ask_at_once(either: Database) -> None:
    lead = add(either, "lead", "lead")

    def make(slug: str) -> None:
        with either.write() as session:
            projects.create_project(
                session, projects.NewProject(slug, "text", "classification", CLASSES), by=lead, now=now()
            )

    for n in range(ROUNDS):
        assert at_once(*[partial(make, f"p{n}")] * 3) == ["", "Conflict", "Conflict"]
        assert at_once(*[partial(add, either, f"u{n}", "annotator")] * 3) == ["", "Conflict", "Conflict"]


def test_one_class_is_added_once_and_every_one_has_a_place_of_its_own(either: Database) -> None:
    lead = add(either, "lead", "lead")
    with either.write() as session:
        new = projects.NewProject("pets", "text", "classification", CLASSES)
        made = projects.create_project(session, new, by=lead, now=now()).id

    def extend(name: str) -> None:
        with either.write() as session:
            projects.add_classes(session, made, [(name, "")])

    for n in range(ROUNDS):
        assert at_once(*[partial(extend, f"c{n}")] * 2) == ["", "Invalid"]
        assert at_once(partial(extend, f"d{n}"), partial(extend, f"e{n}")) == ["", ""]
    with either.read() as session:
        places = session.scalars(select(ProjectClass.position).order_by(ProjectClass.position)).all()
        assert places == list(range(len(classes_of(session, made).names)))


def test_the_set_up_link_makes_one_account(either: Database) -> None:
    with either.write() as session:
        token = actions.add_setup_link(session, now())

    def set_up(email: str) -> None:
        with either.write() as session:
            actions.set_up(session, token, email=email, name="x", password="long enough words", now=now())

    assert at_once(*[partial(set_up, f"a{n}@example.org") for n in range(3)]) == ["", "NotFound", "NotFound"]


def make_project(database: Database, lead: int) -> int:
    with database.write() as session:
        new = projects.NewProject("pets", "text", "classification", CLASSES)
        made = projects.create_project(session, new, by=lead, now=now()).id
        actions.set_member(session, made, lead, role="lead", now=now())
        return made


def use(database: Database, token: str) -> None:
    with database.write() as session:
        actions.accept_invite(session, token, name="New", password="long enough words", now=now())


def end_rights(database: Database, user: int, how: str) -> None:
    with database.write() as session:
        if how == "demoted":
            actions.set_role(session, user, "annotator")
        else:
            actions.set_active(session, user, active=False)


@pytest.mark.parametrize("end", ["demoted", "deactivated"])
@pytest.mark.parametrize("purpose", ["invite", "invite of an admin", "sign in"])
def test_what_an_admin_granted_ends_with_the_admin(either: Database, end: str, purpose: str) -> None:
    boss, admin, ann = add(either, "boss", "admin"), add(either, "root", "admin"), add(either, "ann", "annotator")
    with either.write() as session:
        if purpose == "sign in":
            token = actions.add_sign_in_link(session, ann, now(), by=admin)
        else:
            role = "admin" if purpose.endswith("admin") else "annotator"
            token = actions.add_invite(session, actions.Invitation("n@example.org", role=role), by=admin, now=now())
    with either.read() as session:
        assert queries.open_link(session, token, now()).created_by == admin
    end_rights(either, admin, end)
    with either.read() as session:
        with pytest.raises(NotFound):
            queries.open_link(session, token, now())
        assert list(queries.open_invites(session, now())) == []
        assert session.get_one(User, boss).role == "admin"
    with pytest.raises(NotFound):
        use(either, token)


@pytest.mark.parametrize("end", ["taken out", "annotator there", "deactivated"])
def test_an_invite_into_a_project_ends_with_whoever_led_it(either: Database, end: str) -> None:
    lead = add(either, "lead", "lead")
    made = make_project(either, lead)
    with either.write() as session:
        wanted = actions.Invitation("n@example.org", project_id=made, project_role="annotator")
        token = actions.add_invite(session, wanted, by=lead, now=now())
    with either.write() as session:
        if end == "taken out":
            actions.remove_member(session, made, lead)
        elif end == "annotator there":
            actions.set_member(session, made, lead, role="annotator", now=now())
        else:
            actions.set_active(session, lead, active=False)
    with pytest.raises(NotFound):
        use(either, token)
    with either.read() as session:
        assert session.scalar(select(User.id).where(User.email == "n@example.org")) is None


def test_an_invite_of_a_lead_who_still_leads_works(either: Database) -> None:
    lead = add(either, "lead", "lead")
    made = make_project(either, lead)
    with either.write() as session:
        wanted = actions.Invitation("n@example.org", project_id=made, project_role="annotator")
        token = actions.add_invite(session, wanted, by=lead, now=now())
        from_the_command = actions.add_invite(
            session, actions.Invitation("m@example.org", role="lead"), by=None, now=now()
        )
        actions.set_role(session, lead, "annotator")  # of the site; in the project a lead stays one
    use(either, token)
    use(either, from_the_command)
    with either.read() as session:
        user = session.scalars(select(User).where(User.email == "n@example.org")).one()
        assert session.get_one(Membership, (made, user.id)).role == "annotator"
        assert session.scalar(select(Project.slug)) == "pets"


def test_a_lead_of_one_project_cannot_have_granted_more_than_a_place_in_it(either: Database) -> None:
    lead = add(either, "lead", "lead")
    made = make_project(either, lead)
    with either.write() as session:
        wanted = actions.Invitation("n@example.org", role="admin", project_id=made, project_role="lead")
        token = actions.add_invite(session, wanted, by=lead, now=now())
    with pytest.raises(NotFound):
        use(either, token)


@pytest.mark.parametrize("end", ["password", "own password", "switched off and on"])
def test_tokens_end_with_the_password_and_with_the_account(either: Database, end: str) -> None:
    ann = add(either, "ann", "annotator")
    with either.write() as session:
        actions.set_password(session, ann, "long enough words")
        token = actions.add_token(session, ann, name="script", now=now())
    with either.read() as session:
        assert queries.token_actor(session, token)[0].user_id == ann
    with either.write() as session:
        if end == "password":
            actions.set_password(session, ann, "other long words")
        elif end == "own password":
            actions.change_password(session, ann, "long enough words", "other long words", now=now())
        else:
            actions.set_active(session, ann, active=False)
            actions.set_active(session, ann, active=True)
    with either.read() as session:
        assert queries.token_actor(session, token)[0].user_id is None
        assert list(queries.tokens_of(session, ann)) == []
