"""A district that had set its own figures has them as version 1; others need no row for the first."""

from datetime import UTC, datetime

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import text

from portal.core.db import db
from portal.hours import queries
from portal.hours.rules import Terms

BEFORE, AFTER = "0025-1", "0025"
AT = datetime(2026, 5, 1, tzinfo=UTC)


def set_before(*pairs: tuple[str, str]) -> None:
    for key, value in pairs:
        db.session.execute(
            text("INSERT INTO setting (key, value, valid_from) VALUES (:key, :value, :at)"),
            {"key": key, "value": value, "at": AT},
        )
    db.session.commit()


@pytest.mark.parametrize(
    ("settings", "first"),
    [
        ((), Terms()),
        ((("site_name", '"河畔区"'),), Terms()),
        (
            (("rounding", '"down"'), ("rounding", '"nearest"'), ("rounding_minutes", "30")),
            Terms(rounding="nearest", step=30),
        ),
        (
            (("credit_grace_minutes", "5"), ("day_cap_minutes", "480")),
            Terms(grace=5, day_cap=480),
        ),
    ],
)
def test_the_figures_in_force_become_version_one(own_app, settings, first):
    downgrade(revision=BEFORE)
    set_before(*settings)
    upgrade(revision=AFTER)
    ((_day, terms),) = queries.versions()
    assert terms == first
    is_written = any(key != "site_name" for key, _value in settings)
    assert len(queries.written_versions()) == is_written
    db.session.rollback()
