from datetime import UTC, datetime, timedelta

import pytest

from labeler.accounts import actions, queries
from labeler.accounts.credentials import normal_email
from labeler.accounts.permissions import RULES, Action, Actor
from labeler.errors import Conflict, Invalid, NotFound, Unauthorised
from labeler.storage.database import Database

NOW = datetime(2026, 3, 2, tzinfo=UTC)
PASSWORD = "correct horse battery"


@pytest.mark.parametrize("twin", [" Olga@Example.org ", "OLGA@EXAMPLE.ORG", "ｏlga@example.org"])  # noqa: RUF001
def test_names_that_look_alike_are_one_account(twin: str) -> None:
    assert normal_email(twin) == "olga@example.org"


@pytest.mark.parametrize("wrong", ["", "olga", "olga@", "@example.org", "ol ga@example.org", "olga\u200b@example.org"])
def test_what_is_no_address_is_refused(wrong: str) -> None:
    with pytest.raises(Invalid):
        normal_email(wrong)


def test_the_wrong_password_and_no_account_read_the_same(database: Database) -> None:
    said = []
    with database.write() as session:
        actions.add_user(session, "olga@example.org", role="lead", password=PASSWORD, now=NOW)
        for email in ("olga@example.org", "nobody@example.org"):
            with pytest.raises(Unauthorised) as refused:
                actions.sign_in(session, email, "wrong password", NOW)
            said.append(refused.value.message)
    assert said[0] == said[1]


def test_a_sign_in_ends_when_it_is_ended(database: Database) -> None:
    with database.write() as session:
        user = actions.add_user(session, "olga@example.org", role="lead", password=PASSWORD, now=NOW)
        token = actions.sign_in(session, "OLGA@example.org", PASSWORD, NOW)
        assert queries.signed_in_actor(session, token, NOW).user_id == user.id
        assert queries.signed_in_actor(session, token, NOW + timedelta(days=15)).user_id is None
        actions.sign_out(session, token)
        assert queries.signed_in_actor(session, token, NOW).user_id is None


@pytest.mark.parametrize("change", ["password", "role", "off"])
def test_a_change_of_password_role_or_state_ends_every_sign_in(database: Database, change: str) -> None:
    with database.write() as session:
        user = actions.add_user(session, "olga@example.org", role="lead", password=PASSWORD, now=NOW)
        token = actions.sign_in(session, "olga@example.org", PASSWORD, NOW)
        if change == "password":
            actions.set_password(session, user.id, "another good one")
        elif change == "role":
            actions.set_role(session, user.id, "annotator")
        else:
            actions.set_active(session, user.id, active=False)
        assert queries.signed_in_actor(session, token, NOW).user_id is None


def test_the_set_up_link_makes_one_admin_and_works_once(database: Database) -> None:
    with database.write() as session:
        token = actions.add_setup_link(session, NOW)
        made = actions.set_up(session, token, email="o@example.org", name="O", password=PASSWORD, now=NOW)
        assert made.role == "admin"
        with pytest.raises(NotFound):
            actions.set_up(session, token, email="p@example.org", name="P", password=PASSWORD, now=NOW)
        second = actions.add_setup_link(session, NOW)
        with pytest.raises(Conflict):
            actions.set_up(session, second, email="p@example.org", name="P", password=PASSWORD, now=NOW)


def test_an_invite_gives_just_what_it_says_and_works_once(database: Database) -> None:
    with database.write() as session:
        token = actions.add_invite(session, actions.Invitation("ann@example.org"), by=None, now=NOW)
        assert actions.accept_invite(session, token, name="Ann", password=PASSWORD, now=NOW).role == "annotator"
        with pytest.raises(NotFound):
            actions.accept_invite(session, token, name="Ann", password=PASSWORD, now=NOW)
        late = actions.add_invite(session, actions.Invitation("bob@example.org"), by=None, now=NOW)
        with pytest.raises(NotFound):
            actions.accept_invite(session, late, name="Bob", password=PASSWORD, now=NOW + timedelta(days=8))


def test_a_revoked_token_is_worthless_and_belongs_to_one_person(database: Database) -> None:
    with database.write() as session:
        user = actions.add_user(session, "olga@example.org", role="lead", now=NOW)
        other = actions.add_user(session, "zed@example.org", role="annotator", now=NOW)
        token = actions.add_token(session, user.id, name="ci", now=NOW)
        session.flush()
        found, row = queries.token_actor(session, token)
        assert found.user_id == user.id
        assert row is not None
        with pytest.raises(NotFound):
            actions.revoke_token(session, other.id, row.id, NOW)
        actions.revoke_token(session, user.id, row.id, NOW)
        session.flush()
        assert queries.token_actor(session, token)[0].user_id is None


def test_a_short_password_is_refused_by_name(database: Database) -> None:
    with database.write() as session, pytest.raises(Invalid) as refused:
        actions.add_user(session, "a@example.org", role="lead", password="short", now=NOW)
    assert refused.value.field == "password"


def test_every_action_has_a_rule_and_nobody_gets_more_than_the_open_ones() -> None:
    assert set(RULES) == set(Action)
    assert [action for action in Action if Actor().may(action)] == [Action.OPEN]


def test_a_lead_of_the_site_is_nobody_in_a_project_they_are_not_in() -> None:
    assert not Actor(user_id=1, role="lead").may(Action.SEE_PROJECT)
    assert Actor(user_id=1, role="annotator", project_role="lead").may(Action.LEAD)
    assert not Actor(user_id=1, role="annotator", project_role="annotator").may(Action.LEAD)
