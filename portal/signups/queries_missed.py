"""Selects over late cancellations and no-shows: derived from the steps, with their appeals."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from portal.core.db import db
from portal.core.tables import PAGE_SIZE, Page
from portal.records.steps import Step
from portal.shifts.models import Offering, Shift
from portal.signups.models import LIVE, Signup, SignupState
from portal.signups.models_missed import Appeal, AppealState
from portal.signups.rules_missed import LATE, Missed


class MissedOne(NamedTuple):
    """One late cancellation or no-show, and the appeal against it, if any."""

    signup: Signup
    kind: Missed
    at: datetime
    appeal: Appeal | None

    @property
    def shift(self) -> Shift:
        """The shift that was missed."""
        return self.signup.shift


_AGAIN = aliased(Signup)
# Whoever signed up for the same shift again came back: nothing was missed by withdrawing.
_CAME_BACK = exists().where(
    _AGAIN.shift_id == Signup.shift_id,
    _AGAIN.person_id == Signup.person_id,
    _AGAIN.id > Signup.id,
    _AGAIN.state.in_(LIVE),
)
_IS_LATE = and_(
    Step.verb == "withdraw",
    Step.reason == LATE,
    Signup.state == SignupState.WITHDRAWN,
    ~_CAME_BACK,
)
_IS_MISSED = or_(_IS_LATE, and_(Step.verb == "miss", Signup.state == SignupState.NO_SHOW))
_KIND = case((Step.verb == "miss", Missed.NO_SHOW.value), else_=Missed.LATE.value)


def _missed() -> Select[tuple[Signup, str, datetime, Appeal | None]]:
    return (
        select(Signup, _KIND, Step.at, Appeal)
        .join(Step, (Step.subject_kind == "signup") & (Step.subject_id == Signup.id))
        .join(Signup.shift)
        .join(Shift.offering)
        .outerjoin(Appeal, Appeal.signup_id == Signup.id)
        .options(
            contains_eager(Signup.shift).contains_eager(Shift.offering).joinedload(Offering.station)
        )
        .where(_IS_MISSED)
    )


def of(person_ids: Collection[int], since: datetime | None = None) -> list[MissedOne]:
    """Return what these people missed (since then), the newest first."""
    query = _missed().where(Signup.person_id.in_(person_ids))
    if since:
        query = query.where(Step.at > since)
    found = db.session.execute(query.order_by(Step.at.desc(), Step.id.desc()))
    return [MissedOne(row[0], Missed(row[1]), row[2], row[3]) for row in found]


def of_signup(signup: Signup) -> MissedOne | None:
    """Return what is counted of one sign-up."""
    row = db.session.execute(_missed().where(Signup.id == signup.id)).first()
    return MissedOne(row[0], Missed(row[1]), row[2], row[3]) if row else None


def counts_at(station_id: int, person_ids: Collection[int], since: datetime) -> Mapping[int, int]:
    """Return how often each missed a shift of this station since then; what was granted is not."""
    granted = exists().where(Appeal.signup_id == Signup.id, Appeal.state == AppealState.GRANTED)
    query = (
        select(Signup.person_id, func.count())
        .join(Step, (Step.subject_kind == "signup") & (Step.subject_id == Signup.id))
        .join(Shift, Shift.id == Signup.shift_id)
        .where(
            Signup.person_id.in_(person_ids),
            Shift.station_id == station_id,
            Step.at > since,
            _IS_MISSED,
            ~granted,
        )
        .group_by(Signup.person_id)
    )
    return dict(db.session.execute(query).tuples().all()) if person_ids else {}


def appeal_by_id(public_id: str) -> Appeal | None:
    """Return the appeal of a public id, with sign-up, person and shift."""
    query = _appeals().where(Appeal.public_id == public_id)
    return db.session.scalars(query).first()


def appeals_of(person_ids: Collection[int]) -> Sequence[Appeal]:
    """Return the appeals of these people."""
    query = select(Appeal).join(Appeal.signup).where(Signup.person_id.in_(person_ids))
    return db.session.scalars(query).all()


def appeals_at(station_ids: Collection[int], number: int, *, is_open: bool) -> Page[Appeal]:
    """Return a page of the appeals about shifts of these stations: the open ones, or the others."""
    state = Appeal.state == AppealState.OPEN
    query = _appeals().where(Shift.station_id.in_(station_ids), state if is_open else ~state)
    total = count_of(query)
    order = Appeal.id if is_open else Appeal.id.desc()
    page = query.order_by(order).limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)
    return Page(db.session.scalars(page).all(), number, total)


def count_open(station_ids: Collection[int]) -> int:
    """Return how many appeals wait for an answer at these stations."""
    waits = _appeals().where(Shift.station_id.in_(station_ids), Appeal.state == AppealState.OPEN)
    return count_of(waits)


def count_of(query: Select[tuple[Appeal]]) -> int:
    """Return how many rows a select has."""
    ids = query.with_only_columns(Appeal.id).subquery()
    return int(db.session.execute(select(func.count()).select_from(ids)).scalar_one())


def _appeals() -> Select[tuple[Appeal]]:
    return (
        select(Appeal)
        .join(Appeal.signup)
        .join(Signup.shift)
        .join(Shift.offering)
        .options(
            contains_eager(Appeal.signup).options(
                joinedload(Signup.person),
                contains_eager(Signup.shift).contains_eager(Shift.offering),
            )
        )
    )
