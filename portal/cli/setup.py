"""`init`: schema, vocabularies, first station and administrator. `reset-password`."""

from __future__ import annotations

import os
from datetime import datetime

import click
from flask import current_app

from portal.activities import seed as template_seed
from portal.cli.edge import command, upgraded_schema
from portal.core import clock, schema
from portal.core.access import SYSTEM, Actor, Role
from portal.core.db import write
from portal.core.forms import PHONE, clean, normal_phone
from portal.org import actions as org_actions
from portal.org import queries as org_queries
from portal.org import seed
from portal.org.models import Level, Station
from portal.people import actions, passwords, queries, resets
from portal.records import settings
from portal.services import seed as service_seed


@command("init", needs_schema=False)
@click.option("--phone", help="Mobile number of the first administrator (11 digits).")
@click.option("--name", default="管理员", show_default=True, help="Name of the administrator.")
def init(phone: str | None, name: str) -> None:
    """Create or upgrade the database; make the first administrator. Safe to run again.

    The password comes from PORTAL_ADMIN_PASSWORD or is asked for.
    """
    number = _number(phone) if phone else None
    click.echo(
        f"The schema is now {schema.code_head()}."
        if upgraded_schema()
        else f"The schema is {schema.code_head()} already."
    )
    now = clock.now()
    write(seed.seed, actor=SYSTEM, now=now)
    write(template_seed.seed, actor=SYSTEM, now=now)
    write(service_seed.seed, actor=SYSTEM)
    if number is None:
        _say_whether_somebody_administers()
        return
    known = queries.account_by_phone(number) is not None
    password_hash = "" if known else passwords.hash_password(_password())
    write(
        _make_administrator, number, clean(name) or "管理员", password_hash, actor=SYSTEM, now=now
    )
    click.echo(f"{number} is administrator." + (" The password stays as it was." if known else ""))


def _make_administrator(
    phone: str, name: str, password_hash: str, *, actor: Actor, now: datetime
) -> None:
    account = queries.account_by_phone(phone)
    if account is None:
        person = actions.register(
            actions.NewPerson(name=name, phone=phone), password_hash, actor=actor, now=now
        )
        person_id = person.id
    else:
        person_id = account.person_id
    centre = _centre(actor, now)
    actions.grant_role(person_id, Role.ADMINISTRATOR, centre.id, actor=actor, now=now)


def _centre(actor: Actor, now: datetime) -> Station:
    centres = [row for row in org_queries.all_stations() if row.level == Level.CENTRE]
    if centres:
        return centres[0]
    name = f"{settings.get('district_name')}新时代文明实践中心"
    details = org_actions.StationDetails(name=name, level=Level.CENTRE)
    return org_actions.create_station(None, details, actor=actor, now=now)


def _say_whether_somebody_administers() -> None:
    if not any(grant.role == Role.ADMINISTRATOR for grant in queries.live_grants()):
        click.echo("There is no administrator yet: run it again with --phone.")


def _number(phone: str) -> str:
    number = normal_phone(phone)
    if not PHONE.fullmatch(number):
        raise click.ClickException(f"{phone!r} is not a mobile number of 11 digits.")
    return number


def _password() -> str:
    password = os.environ.get("PORTAL_ADMIN_PASSWORD")
    if password is None:
        try:
            password = str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
        except click.Abort:
            message = "No password was given: set PORTAL_ADMIN_PASSWORD or type it when asked."
            raise click.ClickException(message) from None
    if not passwords.SHORTEST <= len(password) <= passwords.LONGEST:
        raise click.ClickException(
            f"The password needs {passwords.SHORTEST} to {passwords.LONGEST} characters."
        )
    config = current_app.config["PORTAL"]
    if config.production and password == config.demo_password:
        raise click.ClickException("The demo password is refused in production.")
    return password


@command("reset-password")
@click.argument("phone")
def reset_password(phone: str) -> None:
    """Print a one-time code with which the account sets a new password. The audit log tells."""
    account = queries.account_by_phone(_number(phone))
    if account is None:
        raise click.ClickException(f"No account signs in with {phone}.")
    code = write(
        resets.hand_reset_code, account.person_id, "command line", actor=SYSTEM, now=clock.now()
    )
    minutes = int(resets.RESET_CODE_LIFE.total_seconds()) // 60
    address = f"{current_app.config['PORTAL'].public_url}/reset"
    click.echo(f"{code}\nGood for {minutes} minutes and one use, at {address}")


COMMANDS = (init, reset_password)
