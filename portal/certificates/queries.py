"""Selects over certificates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import joinedload

from portal.certificates.models import Certificate
from portal.certificates.rules import Scope
from portal.core import tokens
from portal.core.db import db
from portal.core.tables import PAGE_SIZE, Page
from portal.people.queries import selves


def _whole() -> Select[tuple[Certificate]]:
    return select(Certificate).options(
        joinedload(Certificate.station),
        joinedload(Certificate.person),
        joinedload(Certificate.superseded_by),
    )


def certificate_by_id(public_id: str) -> Certificate | None:
    """Return the certificate of a public id."""
    return db.session.scalars(_whole().where(Certificate.public_id == public_id)).first()


def certificate(certificate_id: int) -> Certificate | None:
    """Return the certificate of an internal id."""
    return db.session.get(Certificate, certificate_id)


def by_code(code: str) -> Certificate | None:
    """Return the certificate that carries the code."""
    hashed = tokens.fingerprint(code)
    return db.session.scalars(_whole().where(Certificate.code_hash == hashed)).first()


def by_number(number: str) -> Certificate | None:
    """Return the certificate of a number."""
    return db.session.scalars(_whole().where(Certificate.number == number)).first()


def of_person(person_id: int) -> Sequence[Certificate]:
    """Return all certificates of a person, the newest first."""
    query = _whole().where(Certificate.person_id.in_(selves(person_id)))
    return db.session.scalars(query.order_by(Certificate.id.desc())).all()


def of_record(record_id: int) -> Sequence[Certificate]:
    """Return the certificates of one record, without those of records merged into it."""
    return db.session.scalars(_whole().where(Certificate.person_id == record_id)).all()


def live_of_scope(person_id: int, scope: Scope) -> Sequence[Certificate]:
    """Return the person's certificates of exactly this scope, neither taken back nor replaced."""
    query = _whole().where(
        Certificate.person_id.in_(selves(person_id)),
        Certificate.station_id == scope.station_id,
        Certificate.from_on == scope.from_on,
        Certificate.to_on == scope.to_on,
        Certificate.revoked_at.is_(None),
        Certificate.superseded_at.is_(None),
    )
    return db.session.scalars(query.order_by(Certificate.id)).all()


def all_certificates() -> Sequence[Certificate]:
    """Return every certificate, without what is printed on it, for the check."""
    return db.session.scalars(select(Certificate).order_by(Certificate.id)).all()


def all_sheets() -> Iterator[tuple[int, bytes]]:
    """Yield what is printed on each certificate that was not erased, few at a time in memory."""
    query = select(Certificate.id, Certificate.sheet_sealed).where(Certificate.name_masked != "")
    rows = db.session.execute(query.order_by(Certificate.id).execution_options(yield_per=50))
    yield from ((one, sealed or b"") for one, sealed in rows)


# --- lists ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Filter:
    """What the desk's list shows: of these stations, in notice or revoked, with this number."""

    station_ids: frozenset[int]
    show: str = ""
    number: str = ""


def listed(wanted: Filter, page: int, today: date) -> Page[Certificate]:
    """Return a page of certificates, the newest first."""
    conditions: list[ColumnElement[bool]] = [Certificate.station_id.in_(wanted.station_ids)]
    if wanted.number:
        conditions.append(Certificate.number.startswith(wanted.number, autoescape=True))
    if wanted.show == "notice":
        conditions.append(_is_in_notice(today))
    elif wanted.show == "revoked":
        conditions.append(Certificate.revoked_at.is_not(None))
    return _page(conditions, page)


def in_notice(page: int, today: date) -> Page[Certificate]:
    """Return a page of what is in public notice today."""
    return _page([_is_in_notice(today)], page)


def _is_in_notice(today: date) -> ColumnElement[bool]:
    return (
        (Certificate.notice_until >= today)
        & Certificate.revoked_at.is_(None)
        & Certificate.superseded_at.is_(None)
    )


def _page(conditions: Sequence[ColumnElement[bool]], number: int) -> Page[Certificate]:
    total = db.session.scalar(select(func.count(Certificate.id)).where(*conditions)) or 0
    query = _whole().where(*conditions).order_by(Certificate.id.desc())
    rows = db.session.scalars(query.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)).all()
    return Page(rows, number, total)
