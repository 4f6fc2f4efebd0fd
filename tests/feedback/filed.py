"""What the tests file, and read of what was filed."""

from portal.core import clock, ids
from portal.core.access import VISITOR
from portal.core.db import db, write
from portal.feedback import actions
from portal.feedback.actions import NewFeedback
from portal.feedback.contact import Contact
from portal.feedback.models import Feedback
from portal.notices.models import Notice
from portal.org import queries as org
from portal.org.models import Vocabulary
from portal.records import steps
from portal.records.outbox import OutboxRow

WORDS = "路灯坏了三天，晚上看不见台阶。"
PHONE = "13812345678"


def new(make, *, kind="suggestion", station=None, **changes):
    """Return something to file, about a station if one is given."""
    make.centre()
    values = {
        "kind_id": org.term(Vocabulary.FEEDBACK_KIND, kind).id,
        "words": WORDS,
        "form_key": ids.code(20),
        "about_station_id": station.id if station else None,
        **changes,
    }
    return NewFeedback(**values)


def file(make, *, person=None, phone=PHONE, name="王先生", now=None, **changes):
    """File it: by a person with account, or by a visitor."""
    who = {"person_id": person.id} if person else {"contact": Contact(name, phone)}
    given = new(make, **who, **changes)
    actor = make.actor(person) if person else VISITOR
    return write(actions.file, given, actor=actor, now=now or clock.now())


def fresh(row):
    """Return the row as it stands now."""
    return db.session.get(Feedback, row.id, populate_existing=True)


def verbs_of(row):
    """Return the verbs of its steps."""
    return [step.verb for step in steps.of(actions.ref(row))]


def told(person):
    """Return the kinds of notices that wait for a person, or were delivered."""
    waiting = [
        row.payload["kind"]
        for row in db.session.query(OutboxRow).filter_by(kind="notice").all()
        if row.payload["person_id"] == person.id
    ]
    return waiting + [row.kind for row in db.session.query(Notice).filter_by(person_id=person.id)]
