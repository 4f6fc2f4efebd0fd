"""`demo`: loads the demo district into an empty database."""

from __future__ import annotations

from datetime import datetime, timedelta

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select

from portal.activities import actions as activities
from portal.activities import seed as template_seed
from portal.cli.district import (
    absences,
    arrivals,
    bulk,
    certificates,
    closeouts,
    coming,
    corrections,
    desk,
    eligibility,
    honours,
    news,
    opinions,
    pairing,
    party,
    past,
    places,
    posts,
    programme,
    residents,
    rules,
    series,
    services,
    teams,
    unusual,
    wishes,
)
from portal.core import clock
from portal.core.access import SYSTEM, Actor
from portal.core.db import db, write
from portal.core.ref import Ref
from portal.figures import actions as figures
from portal.org import seed
from portal.people import passwords
from portal.people.models import Person
from portal.records import audit, settings

FIRST_RECORDS = timedelta(days=130)


class HoldsData(Exception):
    """The database is not empty; the demo is loaded into an empty one only."""


def is_empty() -> bool:
    """Return whether nobody is on record yet."""
    return db.session.scalars(select(Person.id).limit(1)).first() is None


def is_demo() -> bool:
    """Return whether the district is marked as demo."""
    return bool(settings.get("is_demo"))


def load(people: int = 0, days: int = 0) -> None:
    """Load the demo district. Raises HoldsData when the database holds data."""
    if not is_empty():
        raise HoldsData
    now = clock.now()
    password = current_app.config["PORTAL"].demo_password
    officer = write(_load, passwords.hash_password(password), now)
    coming.keep(now)
    unusual.look(officer, now)
    write(news.deliver, now)
    if people or days:
        bulk.load(people, days, now=now)
        bulk.reset_sequences()
    first = clock.local_day(now - FIRST_RECORDS - timedelta(days=days))
    write(figures.rebuild, first, clock.local_day(now), actor=SYSTEM, now=now)


def _load(password_hash: str, now: datetime) -> Actor:
    long_ago = now - FIRST_RECORDS
    seed.seed(actor=SYSTEM, now=now)
    template_seed.seed(actor=SYSTEM, now=now)
    for key, value in (
        ("is_demo", True),
        ("district_name", places.DISTRICT),
        ("site_name", f"{places.DISTRICT}文明实践"),
        ("help_phone", "0755-0000000"),
    ):
        settings.change(key, value, actor=SYSTEM, now=now)
    made = places.make(long_ago)
    people = residents.make(made, password_hash, now, long_ago)
    manager = people.actor("manager")
    rules.adopt(people, now)
    past.make(made, people, manager, now)
    unusual.make(made, people, now)
    absences.make(made, people, now)
    corrections.make(made, people, now)
    opinions.make(made, people, now)
    posts.make(made, people, now)
    coming.plan(now)
    pairing.make(made, people, now)
    wishes.make(made, people, now)
    services.make(made, people, now)
    party.make(made, people, now, long_ago)
    teams.make(made, people, now)
    news.make(made, people, now)
    eligibility.make(made, people, now)
    series.make(made, people, now)
    honours.make(made, people, now)
    starts_at = programme.usual_start(programme.RISKY, clock.local_day(now) + timedelta(days=6))
    risky = activities.create(
        made.stations[0].id,
        programme.details_of(programme.RISKY, made.stations[0], risky=True),
        programme.shift_of(programme.RISKY, starts_at),
        actor=manager,
        now=now,
    )
    activities.publish(risky.id, actor=manager, now=now)
    desk.make(made, people, now)
    certificates.make(made, people, now)
    rules.leave_open(made, people, now)
    closeouts.make(made, people, now)
    arrivals.make(made, people, now)
    audit.record("demo.load", Ref("station", made.centre.id), actor=SYSTEM, now=now)
    return people.actor("officer")


@click.command("demo")
@click.option("--people", type=click.IntRange(0, 200_000), default=0, help="more persons, in bulk")
@click.option("--days", type=click.IntRange(0, 1100), default=0, help="days of records for them")
@with_appcontext
def demo(people: int, days: int) -> None:
    """Load the demo district into an empty database.

    Example: flask --app wsgi demo --people 20000 --days 365
    """
    config = current_app.config["PORTAL"]
    if config.production and config.demo_password_is_default:
        raise click.ClickException("The demo password is refused in production.")
    try:
        load(people, days)
    except HoldsData as error:
        message = "The database holds data already; the demo is loaded into an empty one only."
        raise click.ClickException(message) from error
    click.echo("The demo district is loaded.")


COMMANDS = (demo,)
