"""Accounts and API tokens from the command line."""

import sys

import click

from labeler.accounts import actions, queries
from labeler.cli.group import labeler, opened
from labeler.storage.database import clock


@labeler.group()
def user() -> None:
    """Manage accounts."""


@user.command("add")
@click.argument("email")
@click.option("--role", type=click.Choice(actions.ROLES), required=True)
@click.option("--name", default="", help="The name others see.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def add_user(email: str, role: str, name: str, password_stdin: bool) -> None:
    """Add an account. Without --password-stdin it prints a one-use link for the person to sign in with."""
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    with opened() as (settings, database, _files), database.write() as session:
        now = clock(session)
        added = actions.add_user(session, email, role=role, password=password, name=name, now=now)
        if password is None:
            token = actions.add_sign_in_link(session, added.id, now)
            click.echo(f"One-use sign-in link, valid for 7 days: {settings.base_url}/link/{token}", err=True)
    click.echo(f"Added {added.email} as {role}.", err=True)


@labeler.group()
def token() -> None:
    """Manage API tokens."""


@token.command("create")
@click.argument("email")
@click.option("--name", default="command line", help="What the token is for.")
def create_token(email: str, name: str) -> None:
    """Make an API token for a person and print it, once."""
    with opened() as (_, database, _files), database.write() as session:
        owner = queries.user_by_email(session, email)
        made = actions.add_token(session, owner.id, name=name, now=clock(session))
    click.echo(made)
