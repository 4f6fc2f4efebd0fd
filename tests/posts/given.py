"""What tests of posts need: a post with a grid, the duties it made, and who stands there."""

from datetime import date, datetime, timedelta

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.errors import Refused
from portal.org.models import Vocabulary
from portal.org.queries import term
from portal.posts import actions, queries
from portal.posts.rules import Cell, Pattern
from portal.shifts import queries as shifts
from portal.shifts.models import PlaceRole, ShiftState
from portal.signups import actions as signups

MORNING = (9 * 60, 11 * 60)
ROLE = PlaceRole.VOLUNTEER


def details(**changes):
    """Return what a post is made of."""
    values = {
        "title": "大厅引导岗",
        "kind_id": term(Vocabulary.ACTIVITY_KIND, "order").id,
        "field_id": term(Vocabulary.FIELD, "order").id,
        "venue_type_id": term(Vocabulary.VENUE_TYPE, "service_hall").id,
        "site_name": "政务服务中心",
        "place": "一楼东门",
        "services": "问路引导、代填表格",
        "promise": "来有迎声，问有答声",
        "contact_phone": "0755-1234567",
    }
    return actions.Details(**{**values, **changes})


def every_day(volunteers=2, span=MORNING):
    """Return a cell for each weekday."""
    return tuple(Cell(day, *span, volunteers) for day in range(7))


def pattern(cells=None, *, from_on=None, until_on=None, skips=False):
    """Return a grid that holds from today on."""
    return Pattern(
        every_day() if cells is None else cells, from_on or clock.today(), until_on, skips
    )


def drafted(station, *, actor=SYSTEM, now=None, cells=None, grid=None, **changes):
    """Return a draft."""
    return write(
        actions.create, station.id, details(**changes), grid or pattern(cells),
        actor=actor, now=now or clock.now(),
    )  # fmt: skip


def published(station, *, actor=SYSTEM, now=None, cells=None, grid=None, **changes):
    """Return a published post with its duties."""
    row = drafted(station, actor=actor, now=now, cells=cells, grid=grid, **changes)
    return write(actions.publish, row.id, actor=actor, now=now or clock.now())


def duties(post):
    """Return the duties of a post that take place, in time order, as they are now."""
    db.session.expire_all()
    return [row for row in shifts.shifts_of(post.id) if row.state == ShiftState.PLANNED]


def place(shift):
    """Return the place of a duty as it is now."""
    row = shifts.place_of(shift.id, ROLE)
    db.session.refresh(row)
    return row


def signed_up(shift, person, *, now=None):
    """Sign a volunteer up."""
    return write(signups.sign_up, shift.id, person.id, ROLE, actor=SYSTEM, now=now or clock.now())


def tried(action, *args, **kwargs):
    """Return what the action returned and no codes, or None and the codes of the refusal."""
    try:
        return write(action, *args, **kwargs), ()
    except Refused as refused:
        return None, refused.codes


def first_slot(post, weekday=None):
    """Return a cell of the grid."""
    rows = queries.slots_of(post.id)
    return next(row for row in rows if weekday is None or row.weekday == weekday)


def at(day: date, hour: int) -> datetime:
    """Return an hour of a local day."""
    return clock.day_start(day) + timedelta(hours=hour)
