"""Fixtures: a migrated template database per worker, one rolled-back transaction per test."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from itertools import count
from pathlib import Path
from tempfile import gettempdir

import pytest
from flask import Flask
from flask_migrate import upgrade
from hypothesis import HealthCheck, settings
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import make_url

from portal import create_app
from portal.config import Config
from portal.core import clock, copies, engines
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.org import seed
from tests.support import chromium
from tests.support.client import Browser, FreshClient
from tests.support.factory import Factory
from tests.support.postgres import PostgresUnavailable, running_postgres

SECRET = "a-secret-key-that-only-the-tests-know-0123456789"


# TEST_PROFILE=full is `make test-all`: many examples, and the tests marked `slow`.
PROFILE = os.environ.get("TEST_PROFILE", "quick")
# A test's database is rolled back between tests, not between examples; examples bring their own.
_CHECKS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
settings.register_profile(
    "quick", max_examples=30, deadline=None, derandomize=True, suppress_health_check=_CHECKS
)
settings.register_profile("full", max_examples=500, deadline=None, suppress_health_check=_CHECKS)

_STACK: pytest.StashKey[ExitStack] = pytest.StashKey()
_SERVER: pytest.StashKey = pytest.StashKey()
_NO_SERVER: pytest.StashKey[str] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=("sqlite", "postgresql"), default="sqlite")


def pytest_configure(config: pytest.Config) -> None:
    """Bring up PostgreSQL once a run: in the controller, whose workers inherit its address."""
    settings.load_profile("full" if PROFILE == "full" else "quick")
    if config.getoption("--database") == "postgresql":
        config.stash[_STACK] = ExitStack()
        try:
            config.stash[_SERVER] = config.stash[_STACK].enter_context(running_postgres())
        except PostgresUnavailable as error:
            config.stash[_NO_SERVER] = f"PostgreSQL cannot be started here: {error}"


def pytest_unconfigure(config: pytest.Config) -> None:
    if _STACK in config.stash:
        config.stash[_STACK].close()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip, each with its sentence, what this machine or this profile does not run."""
    for item in items:
        if _NO_SERVER in config.stash:
            item.add_marker(pytest.mark.skip(reason=config.stash[_NO_SERVER]))
        elif item.get_closest_marker("browser") and chromium.find() is None:
            item.add_marker(pytest.mark.skip(reason="no Chromium was found for browser tests"))
        elif item.get_closest_marker("slow") and PROFILE != "full":
            item.add_marker(pytest.mark.skip(reason="large; a part of `make test-all`"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Count what was skipped, by reason."""
    skipped = terminalreporter.getreports("skipped")
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ")
        for report in skipped
        if isinstance(report.longrepr, tuple)
    )
    for reason, number in reasons.most_common():
        terminalreporter.write_line(f"{number} tests skipped: {reason}")


def config_for(database_url: str, **changes: object) -> Config:
    """Return a configuration for tests over a database."""
    config = Config.from_env(
        {
            "DATABASE_URL": database_url,
            "SECRET_KEY": SECRET,
            "PORTAL_PUBLIC_URL": "http://localhost",
            "LEDGER_HEADS_FILE": str(Path(gettempdir()) / f"portal-ledger-{os.getpid()}.txt"),
        }
    )
    return replace(config, **changes)


def forget_between_tests(app: Flask) -> None:
    """Empty what a process remembers beside its database."""
    copies.forget()
    app.config["PORTAL"].ledger_heads_file.unlink(missing_ok=True)
    app.extensions["portal.soft_limits"].storage.reset()


def made_app(database_url: str, **changes: object) -> Flask:
    """Return an application for tests: faults become pages, requests share nothing."""
    app = create_app(config_for(database_url, **changes))
    app.testing = True
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.test_client_class = FreshClient
    return app


class Databases:
    """Makes databases of the kind under test: a migrated template, and copies of it."""

    def __init__(self, config: pytest.Config, folder: Path, worker: str) -> None:
        self.kind: str = config.getoption("--database")
        self.folder, self.worker = folder, worker
        self.server = config.stash.get(_SERVER, None)
        self.copies = 0
        self.template = self._name("template")
        self._migrate()

    def _name(self, suffix: str) -> str:
        return f"portal_{self.worker}_{suffix}"

    def url(self, name: str) -> str:
        if self.kind == "sqlite":
            return f"sqlite:///{self.folder / name}.db"
        return self.server.url(name)

    def _migrate(self) -> None:
        if self.kind == "postgresql":
            self.server.drop(self.template)
            self.server.create(self.template)
        app = create_app(config_for(self.url(self.template)))
        with app.app_context():
            upgrade()
            # What every district begins with, once for all tests: it takes longer than most of them.
            write(seed.seed, actor=SYSTEM, now=clock.now())
            db.session.remove()
            db.engine.dispose()

    def copy(self) -> str:
        """Return the address of a fresh copy of the migrated template."""
        self.copies += 1
        name = self._name(f"copy{self.copies}")
        if self.kind == "sqlite":
            shutil.copyfile(self.folder / f"{self.template}.db", self.folder / f"{name}.db")
        else:
            self.server.create(name, template=self.template)
        return self.url(name)

    def drop(self, url: str) -> None:
        name = make_url(url).database
        if self.kind == "postgresql":
            self.server.drop(name)
        else:
            for file in self.folder.glob(Path(name).name + "*"):
                file.unlink()


@pytest.fixture(scope="session")
def databases(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Databases:
    worker = getattr(request.config, "workerinput", {}).get("workerid", "main")
    return Databases(request.config, tmp_path_factory.mktemp("databases"), worker)


@pytest.fixture(scope="session")
def shared_app(databases: Databases) -> Iterator[Flask]:
    app = made_app(databases.copy())
    with app.app_context():
        options = engines.engine_options(app.config["SQLALCHEMY_DATABASE_URI"])
        app.extensions["test.engine"] = create_engine(
            app.config["SQLALCHEMY_DATABASE_URI"], **options
        )
        engines.wire(app.extensions["test.engine"])
    yield app
    app.extensions["test.engine"].dispose()


def _statements_counted(connection: Connection) -> Callable[[], str]:
    """Return a data version that holds inside one transaction, where the real one stands still."""
    changes = count(1)
    version = [0]

    @event.listens_for(connection, "after_cursor_execute")
    def see(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip().startswith(("INSERT", "UPDATE", "DELETE")):
            version[0] = next(changes)

    return lambda: str(version[0])


@pytest.fixture
def app(shared_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The application inside one transaction that is rolled back after the test."""
    engine = shared_app.extensions["test.engine"]
    forget_between_tests(shared_app)
    with engine.connect() as connection:
        outer = connection.begin()
        monkeypatch.setattr(copies, "data_version", _statements_counted(connection))
        with shared_app.app_context():
            kept = db.engines[None]
            db.engines[None] = connection
            try:
                yield shared_app
            finally:
                db.session.remove()
                db.engines[None] = kept
        outer.rollback()


@pytest.fixture
def own_app(databases: Databases) -> Iterator[Flask]:
    """An application on a database of its own, for races, crashes and real servers."""
    url = databases.copy()
    app = made_app(url)
    forget_between_tests(app)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
    databases.drop(url)


@pytest.fixture
def make(app: Flask) -> Factory:
    return Factory()


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A visitor who checks every page they fetch; `browser.sign_in(person)` signs in."""
    return Browser(app)
