"""The database to measure on: the demo district with many people, loaded once a day and copied."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from sqlalchemy import create_engine, text

from tests.support.postgres import ENVIRONMENT_KEY, running_postgres

ROOT = Path(__file__).resolve().parent.parent
CACHE = Path(__file__).resolve().parent / ".cache"
SECRET_KEY = "a key of the benchmark, which serves nobody else at all"
_FLASK = (sys.executable, "-m", "flask", "--app", "wsgi")


@dataclass(frozen=True, slots=True)
class Size:
    """How much is loaded."""

    people: int
    days: int

    def __str__(self) -> str:
        return f"{self.people:,} people, {self.days} days"


FULL, SMALL = Size(20_000, 365), Size(2_000, 60)


def environment(database_url: str) -> dict[str, str]:
    """Return the environment of everything that works on the database."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    return {
        **kept,
        "DATABASE_URL": database_url,
        "SECRET_KEY": SECRET_KEY,
        "RATELIMIT_ENABLED": "1",
        "PYTHONUNBUFFERED": "1",
    }


def flask(database_url: str, *arguments: str) -> str:
    """Run a command of the portal and return what it says; what it complains about is raised."""
    done = subprocess.run(
        (*_FLASK, *arguments),
        cwd=ROOT,
        env=environment(database_url),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"flask {' '.join(arguments)}:\n{done.stdout}{done.stderr}".rstrip())
    return done.stdout.strip()


@contextmanager
def sqlite(size: Size) -> Iterator[str]:
    """Yield the address of a fresh copy on the disk that holds the repository."""
    loaded = _loaded(size)
    # Not under /tmp, which may be memory: a sync has to be one.
    with TemporaryDirectory(prefix="run-", dir=CACHE) as folder:
        file = Path(folder, "portal.db")
        shutil.copyfile(loaded, file)
        yield f"sqlite:///{file}"


@contextmanager
def postgresql(size: Size) -> Iterator[str]:
    """Yield the address of a loaded database of a PostgreSQL that syncs as a real one does."""
    is_ours = ENVIRONMENT_KEY not in os.environ
    with running_postgres() as server:
        if is_ours:
            _let_sync(server.admin_url)
        server.drop("portal_bench")
        url = server.create("portal_bench")
        _load(url, size)
        try:
            yield url
        finally:
            server.drop("portal_bench")


def _let_sync(admin_url: str) -> None:
    """Undo what makes a server of the tests fast and forgetful."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = on".encode())
        connection.execute("SELECT pg_reload_conf()")


def syncs_a_second(seconds: float = 1.0) -> int:
    """Return how often a second this disk syncs 4 KiB: durable writes hang on it."""
    CACHE.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=CACHE) as folder, Path(folder, "sync").open("wb") as file:
        count, end = 0, time.perf_counter() + seconds
        while time.perf_counter() < end:
            file.write(bytes(4096))
            file.flush()
            os.fdatasync(file.fileno())
            count += 1
    return int(count / seconds)


def _loaded(size: Size) -> Path:
    _make_cache()
    name = f"{size.people}-{size.days}-"
    file = CACHE / f"{name}{_fingerprint()}.db"
    if file.exists():
        print(f"Demo data ({size}): kept from before, {file.stat().st_size >> 20} MiB")
        return file
    for old in CACHE.glob(f"{name}*.db"):
        old.unlink()
    with TemporaryDirectory(prefix="load-", dir=CACHE) as folder:
        raw = Path(folder, "portal.db")
        _load(f"sqlite:///{raw}", size)
        with closing(sqlite3.connect(raw)) as connection:
            connection.execute("VACUUM INTO ?", (str(Path(folder, "whole.db")),))
        # The file is complete under its name, or it is not there.
        Path(folder, "whole.db").replace(file)
    return file


def _make_cache() -> None:
    CACHE.mkdir(exist_ok=True)
    (CACHE / ".gitignore").write_text("*\n")


def _load(url: str, size: Size) -> None:
    flask(url, "init")
    started = time.perf_counter()
    flask(url, "demo", "--people", str(size.people), "--days", str(size.days))
    print(f"Demo data ({size}): loaded in {time.perf_counter() - started:.0f} s", flush=True)


def _fingerprint() -> str:
    """Return a text that differs with the schema, the demo's programs, and the day."""
    digest = hashlib.sha256(datetime.now(UTC).date().isoformat().encode())
    for folder, pattern in (("migrations/versions", "*.py"), ("portal/cli/district", "*.py")):
        for file in sorted((ROOT / folder).glob(pattern)):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def counts(database_url: str, tables: Mapping[str, str]) -> str:
    """Return how many rows the tables hold, in words."""
    engine = create_engine(database_url)
    with engine.connect() as connection:
        found = {
            words: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
            for table, words in tables.items()
        }
    engine.dispose()
    return ", ".join(f"{count:,} {words}" for words, count in found.items())
