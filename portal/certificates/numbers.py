"""The number of a certificate, which no two of them share."""

from __future__ import annotations

from datetime import date

from sqlalchemy.dialects import postgresql, sqlite

from portal.certificates.models import CertificateCounter
from portal.core.db import db, is_sqlite
from portal.people.rules import with_check_digit
from portal.records import settings


def next_number(day: date) -> str:
    """Return the next number: district code, year, running number, check digit.

    One statement under the row's lock, so none is given out twice. It may be walked: it proves
    nothing without the code beside it.
    """
    insert = (
        sqlite.insert(CertificateCounter) if is_sqlite() else postgresql.insert(CertificateCounter)
    )
    counted = insert.values(year=day.year, last=1).on_conflict_do_update(
        index_elements=[CertificateCounter.year], set_={"last": CertificateCounter.last + 1}
    )
    running = db.session.execute(counted.returning(CertificateCounter.last)).scalar_one()
    return with_check_digit(f"{settings.get('district_code')}{day.year}{running:07d}")
