"""Commands as an operator runs them, over a database of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from portal.core.db import db
from tests.support.factory import Factory

Run = Callable[..., Result]


@pytest.fixture
def filled(own_app: Flask) -> Factory:
    """Makes rows in the database of `own_app`."""
    return Factory()


@pytest.fixture
def run(own_app: Flask) -> Run:
    """Runs a command: `run("backup", file)`; what it does not say itself fails the test."""

    def invoke(*args: Any, app: Flask = own_app, **kwargs: Any) -> Result:
        db.session.rollback()
        # Otherwise the command would run in the context that the fixture has open.
        with app.app_context():
            result = app.test_cli_runner().invoke(args=[str(one) for one in args], **kwargs)
        unexpected = result.exception and not isinstance(result.exception, SystemExit)
        if unexpected:
            raise result.exception
        assert "Traceback" not in result.output
        return result

    return invoke
