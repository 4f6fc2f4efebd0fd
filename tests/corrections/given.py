"""What the tests ask for, and read of what became of it."""

from datetime import datetime, timedelta

from portal.core import ids
from portal.core.db import db, write
from portal.corrections import actions, actions_desk, queries
from portal.corrections.actions import Said
from portal.corrections.judging import Claim
from portal.corrections.models import Correction
from portal.hours import queries as ledger
from portal.org.models import Vocabulary
from portal.org.queries import term
from portal.records.documents import evidence
from portal.records.outbox import OutboxRow
from tests.attendance.conftest import START, Scene
from tests.wishes import pictures

# The day after the shift of the scene: it is over.
NOW = START + timedelta(days=1)
MEGABYTE = 1024 * 1024
PHOTO = evidence(pictures.jpeg(size=(320, 240)), most_bytes=MEGABYTE)
PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"
SAID = Said("手机没电，没有签到。")
STORY = Said("路过看见，先动手了。", "修好塌陷的排水口", "和平路 8 号院", "砌平了口子，不再积水。")


def at(minutes: float, day: int = 0) -> datetime:
    """Return the instant some minutes after the start, some days on."""
    return START + timedelta(minutes=minutes, days=day)


def claim(person, *, shift=None, entry=None, span=(0, 120), minutes=None, day=0, station=None):
    """Return a claim of a span in minutes after the start of the scene's shift."""
    return Claim(
        person.id,
        at(span[0], day),
        at(span[1], day),
        span[1] - span[0] if minutes is None else minutes,
        shift_id=shift.id if shift else None,
        entry_id=entry.id if entry else None,
        station_id=station.id if station else 0,
        kind_id=term(Vocabulary.ACTIVITY_KIND, "environment").id if station else 0,
    )


def ask(scene: Scene, wanted: Claim, *, by=None, said=SAID, files=(PHOTO,), now=NOW) -> Correction:
    """Ask for it; by the person unless told otherwise."""
    actor = scene.make.actor(by or db.session.get(type(scene.manager), wanted.person_id))
    return write(actions.ask, wanted, said, files, ids.code(20), actor=actor, now=now)


def missing(scene: Scene, **kwargs) -> Correction:
    """Ask for what a volunteer of the shift misses."""
    person = kwargs.pop("person", None) or scene.volunteer()
    return ask(scene, claim(person, shift=scene.shift), **kwargs)


def decide(scene: Scene, verb: str, row: Correction, by, now=NOW) -> Correction:
    """Approve, send back or refuse it."""
    words = {"approve": "看过。", "send_back": "少一张照片。", "refuse": "看不出来。"}[verb]
    action = getattr(actions_desk, verb)
    return write(action, row.id, words, actor=scene.make.actor(by), now=now)


def fresh(row: Correction) -> Correction:
    """Return the row as it stands now."""
    return db.session.get(Correction, row.id, populate_existing=True)


def entry_of(row: Correction):
    """Return the newest entry that the request earned."""
    return ledger.latest_of_source(queries.ref(row))


def told(person) -> list[str]:
    """Return the kinds of notices that wait for a person."""
    rows = db.session.query(OutboxRow).filter_by(kind="notice").all()
    return [row.payload["kind"] for row in rows if row.payload["person_id"] == person.id]
