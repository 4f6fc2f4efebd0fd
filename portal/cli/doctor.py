"""What `doctor` looks at. Each look returns one finding; a look that breaks is a finding too."""

from __future__ import annotations

import shutil
import sqlite3
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from flask import current_app
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from portal.cli import outgoing, rounds
from portal.cli.edge import first_line
from portal.cli.serve import DEMO_SIGN_INS, EVERYWHERE
from portal.config import DEMO_PASSWORD, ROOT, Config, key_file
from portal.core import clock, schema
from portal.core.db import db, is_sqlite
from portal.hours import seals
from portal.notices import queries as notices
from portal.org import queries as org_queries
from portal.people import passwords, queries
from portal.records import leases, outbox, settings
from portal.records.audit import AuditEntry

OLDEST_TICK = timedelta(minutes=5)
OLDEST_OUTBOX = timedelta(minutes=10)
OLDEST_SEAL = timedelta(hours=1)
CLOCK_TOLERANCE = timedelta(minutes=2)
LOW_DISK = 1024 * 1024 * 1024
NO_DISK = 200 * 1024 * 1024
SOUND_SQLITE = (3, 51, 3)
# The State Council publishes next year's list in November; from this day on it should be there.
NEXT_YEAR_FROM = (11, 25)
_BUILT = datetime(2026, 1, 1, tzinfo=UTC)


class Level(StrEnum):
    """How bad it is; only FAIL makes the command end with 1."""

    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, what was found, what to do."""

    level: Level
    subject: str
    found: str
    fix: str = ""

    def __str__(self) -> str:
        """Return the line."""
        line = f"{self.level:<4}  {self.subject}: {self.found}"
        return f"{line} -> {self.fix}" if self.fix else line


def findings() -> Iterator[Finding]:
    """Yield all findings; those that need the database only when it answers as it should."""
    for look in (configuration, secret_key, rate_limits, disk, sqlite_version):
        yield look()
    try:
        head = schema_head()
        yield head
        if head.level != Level.FAIL:
            looks = (
                log_size,
                clock_sanity,
                ticking,
                outbox_age,
                senders,
                ledger,
                holidays,
                demo_accounts,
            )
            for look in looks:
                yield look()
    except SQLAlchemyError as error:
        db.session.rollback()
        yield Finding(
            Level.FAIL, "database", first_line(error), "check DATABASE_URL and the server"
        )


def configuration() -> Finding:
    """Whether the addresses make sense; the rest was checked when the environment was read."""
    config = _config()
    if config.production and config.trusted_proxies == 0:
        return Finding(
            Level.WARN,
            "configuration",
            "production without TRUSTED_PROXIES: all visitors seem to come from the proxy",
            "set TRUSTED_PROXIES=1 behind one proxy",
        )
    if config.host in EVERYWHERE and "//127.0.0.1" in config.public_url:
        return Finding(
            Level.WARN,
            "configuration",
            f"HOST={config.host}, but codes hold {config.public_url}",
            "set PORTAL_PUBLIC_URL to what a phone can open",
        )
    kind = "production" if config.production else "not production"
    return Finding(Level.OK, "configuration", f"{kind}, {config.public_url}, {config.timezone}")


def secret_key() -> Finding:
    """Whether only the portal's own user may read the key file."""
    file = key_file()
    if file is None or not file.exists():
        return Finding(Level.OK, "secret key", "from SECRET_KEY")
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & 0o077:
        fix = f"chmod 600 {file}"
        return Finding(Level.FAIL, "secret key", f"others may read {file} ({mode:o})", fix)
    return Finding(Level.OK, "secret key", f"{file}, mode {mode:o}")


def rate_limits() -> Finding:
    """Whether limits are on, and where the soft ones are counted."""
    config = _config()
    if not config.ratelimit_enabled:
        return Finding(Level.WARN, "rate limits", "switched off", "unset RATELIMIT_ENABLED")
    if config.ratelimit_storage_uri.startswith("memory"):
        note = "soft limits are counted in each process; several machines should share a redis://"
        return Finding(Level.OK, "rate limits", note)
    return Finding(Level.OK, "rate limits", "soft limits are shared")


def disk() -> Finding:
    """Whether there is room for the database, its log and a backup."""
    file = rounds.database_file()
    free = shutil.disk_usage(file.parent if file else ROOT).free
    found = f"{free // (1024 * 1024)} MB free"
    if free < LOW_DISK:
        level = Level.FAIL if free < NO_DISK else Level.WARN
        return Finding(level, "disk", found, "make room or move the database")
    return Finding(Level.OK, "disk", found)


def sqlite_version() -> Finding:
    """Whether this SQLite has the WAL-reset fault (sqlite.org, mended in 3.51.3)."""
    if not is_sqlite():
        return Finding(Level.OK, "SQLite", "not in use")
    if sqlite3.sqlite_version_info < SOUND_SQLITE:
        return Finding(
            Level.WARN,
            "SQLite",
            f"{sqlite3.sqlite_version} may damage the log when two processes checkpoint at once "
            "(the portal lets only the worker do it)",
            "run one worker, and prefer 3.51.3 or newer, or PostgreSQL",
        )
    return Finding(Level.OK, "SQLite", sqlite3.sqlite_version)


def schema_head() -> Finding:
    """Whether the database answers and fits the code."""
    head = schema.database_head()
    if head != schema.code_head():
        found = f"the database has {head}, the code needs {schema.code_head()}"
        return Finding(Level.FAIL, "schema", found, "flask --app wsgi init")
    return Finding(Level.OK, "schema", head)


def log_size() -> Finding:
    """Whether the worker keeps SQLite's log short."""
    size = rounds.log_size()
    found = f"{size // (1024 * 1024)} MB"
    if size > rounds.LONGEST_LOG:
        fix = "see that the worker runs; a reader that never ends keeps the log as well"
        return Finding(Level.FAIL, "write-ahead log", found, fix)
    return Finding(Level.OK, "write-ahead log", found)


def clock_sanity() -> Finding:
    """Whether this machine's clock agrees with the records and with the database's clock."""
    now = clock.now()
    latest = db.session.scalar(select(func.max(AuditEntry.at)))
    fix = "set the clock (timedatectl set-ntp true)"
    if now < _BUILT or (latest and latest > now + CLOCK_TOLERANCE):
        found = f"it is {now:%Y-%m-%d %H:%M} UTC, but records are from {latest or _BUILT:%Y-%m-%d %H:%M}"
        return Finding(Level.FAIL, "clock", found, fix)
    if not is_sqlite():
        theirs = db.session.scalar(text("SELECT clock_timestamp()"))
        if theirs is not None and abs(theirs - now) > CLOCK_TOLERANCE:
            return Finding(Level.FAIL, "clock", f"the database says {theirs:%H:%M:%S} UTC", fix)
    return Finding(Level.OK, "clock", f"{clock.local(now):%Y-%m-%d %H:%M} {_config().timezone}")


def ticking() -> Finding:
    """Whether somebody does the rounds."""
    last = leases.last_done()
    fix = "start the worker (`flask --app wsgi serve` has one)"
    if last is None:
        return Finding(Level.FAIL, "tick", "has never run", fix)
    if clock.now() - last > OLDEST_TICK:
        return Finding(Level.FAIL, "tick", f"last ended well at {last:%Y-%m-%d %H:%M} UTC", fix)
    return Finding(Level.OK, "tick", f"last ended well at {last:%H:%M:%S} UTC")


def outbox_age() -> Finding:
    """Whether what must go out goes out."""
    now = clock.now()
    oldest = outbox.oldest_waiting()
    if oldest is not None and now - oldest > OLDEST_OUTBOX:
        minutes = int((now - oldest).total_seconds()) // 60
        fix = "start the worker"
        return Finding(Level.FAIL, "outbox", f"something is {minutes} minutes overdue", fix)
    tried = outbox.stuck(now=now)
    if tried:
        fix = "search the log for `outbox row`"
        return Finding(Level.FAIL, "outbox", f"{tried} rows fail again and again", fix)
    return Finding(Level.OK, "outbox", "nothing is overdue")


def ledger() -> Finding:
    """Whether the ledger is sealed, and its heads are kept in a file of its own."""
    waits_since = seals.unsealed_since()
    if waits_since is not None and clock.now() - waits_since > OLDEST_SEAL:
        found = f"entries wait for their seal since {clock.local(waits_since):%Y-%m-%d %H:%M}"
        return Finding(Level.WARN, "ledger", found, "start the worker")
    return Finding(Level.OK, "ledger", f"sealed, heads in {seals.heads_file()}")


def senders() -> Finding:
    """Whether what leaves the house arrives, and what is not set up at all."""
    found = notices.troubles(clock.now() - timedelta(days=1))
    if found:
        words = "; ".join(
            f"{one.channel}: {one.messages} {one.state}, {one.error}" for one in found
        )
        fix = "check SMTP_URL or GATEWAY_URL and the server behind it; sign-ups go on meanwhile"
        return Finding(Level.WARN, "messages", words, fix)
    on = outgoing.channels()
    off = [channel.value for channel in outgoing.Channel if channel not in on]
    words = f"on: {', '.join(on) or 'none'}"
    return Finding(Level.OK, "messages", f"{words}; off: {', '.join(off)}" if off else words)


def holidays() -> Finding:
    """Whether working days can be counted by the published lists."""
    today = clock.today()
    years = set(org_queries.published_years())
    fix = "upgrade the portal and run `flask --app wsgi init`"
    if today.year not in years:
        return Finding(Level.FAIL, "holiday list", f"{today.year} is missing", fix)
    if today >= date(today.year, *NEXT_YEAR_FROM) and today.year + 1 not in years:
        return Finding(Level.WARN, "holiday list", f"{today.year + 1} is missing", fix)
    return Finding(Level.OK, "holiday list", ", ".join(str(year) for year in sorted(years)))


def demo_accounts() -> Finding:
    """Whether anybody can sign in to a real district with the password everybody knows."""
    config = _config()
    if not config.production:
        return Finding(Level.OK, "demo accounts", "not looked for outside production")
    fix = "begin with an empty database; a demo district is not for the public"
    if settings.get("is_demo"):
        return Finding(Level.FAIL, "demo accounts", "this is the demo district", fix)
    live = [phone for phone, *_roles in DEMO_SIGN_INS if _has_demo_password(phone, config)]
    if live:
        found = f"{', '.join(live)} still have the demo password"
        return Finding(Level.FAIL, "demo accounts", found, fix)
    return Finding(Level.OK, "demo accounts", "none")


def _has_demo_password(phone: str, config: Config) -> bool:
    account = queries.account_by_phone(phone)
    if account is None or account.disabled_at is not None:
        return False
    known = {DEMO_PASSWORD, config.demo_password}
    return any(passwords.verify(account.password_hash, password) for password in known)


def _config() -> Config:
    config: Config = current_app.config["PORTAL"]
    return config
