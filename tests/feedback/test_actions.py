from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from portal.core import clock
from portal.core.access import SYSTEM, VISITOR, Role
from portal.core.db import db, write
from portal.core.errors import Invalid, Refused
from portal.feedback import actions, contact, queries
from portal.feedback.contact import Contact
from portal.feedback.models import Feedback
from portal.people import actions as people_actions
from portal.people.queries import live_grants
from portal.records import notes, settings
from portal.records.audit import AuditEntry
from tests.feedback.filed import PHONE, WORDS, file, fresh, new, told, verbs_of

MONDAY = datetime.fromisoformat("2026-11-23T10:00:00+08:00")


@pytest.fixture
def street(make):
    """A street with two stations and a point, managers of each, and the district's officer."""
    return Street(make)


class Street:
    """The places and people of the tests."""

    def __init__(self, make):
        self.make = make
        self.institute = make.station("东湾实践所", level="institute")
        self.station = make.station("和平社区实践站", parent=self.institute)
        self.beside = make.station("桥头社区实践站", parent=self.institute)
        self.point = make.station("和平网格点", parent=self.station, level="point")
        self.elsewhere = make.station("清溪实践所", level="institute")
        self.manager = make.manager(self.station)
        self.above = make.manager(self.institute)
        self.officer = make.holder(Role.CAMPAIGN_OFFICER, make.centre())

    def act(self, verb, row, *args, by=None, now=None):
        """Let somebody (the station's manager) do it."""
        actor = self.make.actor(by or self.manager)
        return write(getattr(actions, verb), row.id, *args, actor=actor, now=now or clock.now())

    def refused(self, verb, row, *args, by=None):
        """Return the codes with which it is refused."""
        with pytest.raises(Refused) as caught:
            self.act(verb, row, *args, by=by)
        return caught.value.codes


# --- filing ----------------------------------------------------------------------------------------


def test_it_lies_at_the_station_it_is_about(street):
    row = file(street.make, station=street.station)
    assert (row.state, row.station_id, row.with_office) == ("filed", street.station.id, False)
    assert len(row.number) == 8
    assert row.number.isdecimal()
    assert verbs_of(row) == ["file"]
    assert notes.latest(actions.ref(row), "file") == WORDS
    entry = db.session.scalars(select(AuditEntry).filter_by(verb="feedback.file")).one()
    assert (entry.actor_id, entry.station_id) == (None, street.station.id)
    assert WORDS not in str(entry.details)


def test_without_a_station_it_lies_with_the_office(street):
    row = file(street.make)
    assert (row.station_id, row.with_office) == (street.make.centre().id, True)


def test_name_and_phone_are_sealed(make):
    row = file(make)
    assert contact.of(row) == Contact("王先生", PHONE)
    assert PHONE.encode() not in row.contact_sealed
    assert file(make, name="", phone="").contact_sealed is None


def test_the_day_is_counted_in_working_days(make):
    assert file(make, now=MONDAY).due_on == date(2026, 11, 30)
    friday = datetime.fromisoformat("2026-09-25T10:00:00+08:00")
    assert file(make, now=friday).due_on > date(2026, 10, 7)  # National Day lies between
    write(settings.change, "feedback_days", 1, actor=SYSTEM, now=clock.now())
    assert file(make, now=MONDAY).due_on == date(2026, 11, 24)


def test_the_same_form_is_filed_once(make):
    given = new(make)
    first, second = (
        write(actions.file, given, actor=VISITOR, now=clock.now()) for _twice in range(2)
    )
    assert first.id == second.id
    assert verbs_of(first) == ["file"]
    assert db.session.query(Feedback).count() == 1


def test_without_a_centre_it_is_refused(make, app):
    given = new(make)
    make.centre().closed_at = clock.now()
    db.session.commit()
    with pytest.raises(Refused) as caught:
        write(actions.file, given, actor=VISITOR, now=clock.now())
    assert caught.value.codes == ("no_centre",)


# --- answering, declining ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "state", "notice"),
    [
        ("answer", "answered", "feedback_answered"),
        ("decline", "cannot_be_done", "feedback_declined"),
    ],
)
def test_the_result_is_kept_and_told(street, verb, state, notice):
    person = street.make.person()
    row = file(street.make, person=person, station=street.station)
    street.act(verb, row, "已经修好了。")
    assert fresh(row).state == state
    assert fresh(row).closed_at is not None
    assert told(person) == [notice]
    street.act(verb, row, "已经修好了。")
    assert verbs_of(row) == ["file", verb]
    assert street.refused(verb, row, "另一句话") == ("wrong_state",)


def test_a_visitor_without_account_is_told_on_the_page_alone(street):
    row = file(street.make, station=street.station)
    street.act("answer", row, "好的。")
    assert notes.latest(actions.ref(row), "answer") == "好的。"


def test_who_is_to_answer(street):
    make = street.make
    row = file(make, station=street.station)
    neighbour = make.manager(street.beside)
    assert street.refused("answer", row, "好的。", by=neighbour) == ("not_theirs",)
    assert street.refused("answer", row, "好的。", by=make.person()) == ("not_theirs",)
    for fit in (street.above, street.officer, make.holder(Role.ADMINISTRATOR, make.centre())):
        street.act("answer", file(make, station=street.station), "好的。", by=fit)


def test_what_lies_with_the_office_is_answered_there(street):
    row = file(street.make)
    central = street.make.manager(street.make.centre())
    assert street.refused("answer", row, "好的。", by=central) == ("not_theirs",)
    street.act("answer", row, "好的。", by=street.officer)


def test_a_complaint_about_staff_is_answered_above_their_station(street):
    def complaint():
        return file(street.make, kind="complaint", station=street.station, about_staff=True)

    row = complaint()
    for verb, *rest in (("answer", "好。"), ("decline", "好。"), ("hand_over", "office", "好。")):
        assert street.refused(verb, row, *rest) == ("about_staff",)
    assert street.refused("note_sight", row) == ("about_staff",)
    street.act("answer", row, "已经批评。", by=street.above)
    street.act("answer", complaint(), "已经批评。", by=street.officer)


def test_nobody_answers_their_own(street):
    row = file(street.make, person=street.manager, station=street.station)
    assert street.refused("answer", row, "好的。") == ("own_feedback",)
    street.act("answer", row, "好的。", by=street.above)


# --- handing over --------------------------------------------------------------------------------------


def names(rows):
    return {row.name for row in rows}


def test_it_goes_up_down_and_beside(street):
    row = file(street.make, station=street.station)
    assert names(queries.targets(row)) == {
        "区实践中心", "东湾实践所", "桥头社区实践站", "和平网格点"
    }  # fmt: skip
    due_on = row.due_on
    street.act("hand_over", row, street.beside.public_id, "归你们管。", now=clock.now())
    row = fresh(row)
    assert (row.state, row.station_id, row.due_on) == ("handed_over", street.beside.id, due_on)
    assert street.refused("answer", row, "好的。") == ("not_theirs",)
    street.act("answer", row, "好的。", by=street.make.manager(street.beside))


def test_it_goes_to_the_office_and_back(street):
    row = file(street.make, station=street.station)
    street.act("hand_over", row, "office", "我们办不了。")
    assert (fresh(row).with_office, fresh(row).station_id) == (True, street.station.id)
    assert street.refused("answer", row, "好的。") == ("not_theirs",)
    assert "和平社区实践站" in names(queries.targets(fresh(row)))
    street.act("hand_over", row, street.station.public_id, "请你们办。", by=street.officer)
    assert not fresh(row).with_office
    assert verbs_of(row) == ["file", "hand_over", "hand_over"]


def test_the_office_may_hand_to_every_station(street):
    row = file(street.make)
    assert len(queries.targets(row)) == 6
    street.act("hand_over", row, street.point.public_id, "请看看。", by=street.officer)
    assert fresh(row).station_id == street.point.id


@pytest.mark.parametrize("target", ["", "zzzzzzzzzz", "itself", "elsewhere", "closed"])
def test_it_goes_nowhere_else(street, target):
    row = file(street.make, station=street.station)
    street.point.closed_at = clock.now()
    db.session.commit()
    places = {"itself": street.station, "elsewhere": street.elsewhere, "closed": street.point}
    code = places[target].public_id if target in places else target
    with pytest.raises(Invalid) as caught:
        street.act("hand_over", row, code, "好。")
    assert caught.value.field == "target"
    assert fresh(row).state == "filed"


def test_to_the_office_only_once(street):
    row = file(street.make)
    with pytest.raises(Invalid):
        street.act("hand_over", row, "office", "好。", by=street.officer)


def test_a_complaint_about_staff_only_goes_up(street):
    row = file(street.make, kind="complaint", station=street.station, about_staff=True)
    assert names(queries.targets(row)) == {"区实践中心", "东湾实践所"}
    street.act("hand_over", row, street.institute.public_id, "请所里办。", by=street.above)
    assert names(queries.targets(fresh(row))) == {"区实践中心"}
    street.act("answer", row, "已经批评。", by=street.above)


# --- who filed it --------------------------------------------------------------------------------------


def test_withdrawing_twice_is_harmless(street):
    row = file(street.make, station=street.station)
    for _twice in range(2):
        write(actions.withdraw, row.id, actor=VISITOR, now=clock.now())
    assert fresh(row).state == "withdrawn"
    assert verbs_of(row) == ["file", "withdraw"]
    assert street.refused("answer", row, "好的。") == ("wrong_state",)


def test_what_was_answered_is_not_withdrawn(street):
    row = file(street.make, station=street.station)
    street.act("answer", row, "好的。")
    assert street.refused("withdraw", row) == ("wrong_state",)


def test_reopened_once_with_a_new_day(street):
    row = file(street.make, station=street.station, now=MONDAY)
    street.act("answer", row, "在办。", now=MONDAY + timedelta(days=1))
    later = MONDAY + timedelta(days=7)
    for _twice in range(2):
        write(actions.reopen, row.id, "还是黑的。", actor=VISITOR, now=later)
    row = fresh(row)
    assert (row.state, row.closed_at, row.due_on) == ("reopened", None, date(2026, 12, 7))
    assert verbs_of(row) == ["file", "answer", "reopen"]
    street.act("answer", row, "修好了。")
    assert street.refused("reopen", row, "再来。") == ("reopened_before",)


def test_what_waits_or_was_withdrawn_is_not_reopened(street):
    row = file(street.make, station=street.station)
    assert street.refused("reopen", row, "快点。") == ("wrong_state",)
    street.act("withdraw", row)
    assert street.refused("reopen", row, "快点。") == ("wrong_state",)


# --- overdue -------------------------------------------------------------------------------------------


def late(row):
    return clock.day_start(row.due_on + timedelta(days=1))


def tell(row, now):
    write(actions.tell_overdue, row.id, actor=SYSTEM, now=now)


def test_the_nearest_managers_are_told_once(street):
    row = file(street.make, station=street.station)
    tell(row, late(row) - timedelta(seconds=1))
    assert told(street.manager) == []
    for _twice in range(2):
        tell(row, late(row))
    assert told(street.manager) == ["feedback_overdue"]
    assert told(street.above) == told(street.officer) == []
    assert queries.overdue_untold(row.due_on + timedelta(days=1)) == []


def test_without_a_manager_the_one_above_is_told(street):
    row = file(street.make, station=street.point)
    tell(row, late(row))
    assert told(street.manager) == ["feedback_overdue"]
    without_any = file(street.make, station=street.elsewhere)
    tell(without_any, late(without_any))
    assert told(street.officer) == ["feedback_overdue"]


def test_of_a_complaint_about_staff_they_are_not_told(street):
    row = file(street.make, kind="complaint", station=street.station, about_staff=True)
    tell(row, late(row))
    assert told(street.manager) == []
    assert told(street.above) == ["feedback_overdue"]


def test_what_lies_with_the_office_is_told_there(street):
    row = file(street.make)
    tell(row, late(row))
    assert told(street.officer) == ["feedback_overdue"]


def test_who_has_no_role_any_more_is_not_told(street):
    for grant in live_grants(frozenset({street.station.id})):
        write(people_actions.revoke_role, grant.id, actor=SYSTEM, now=clock.now())
    row = file(street.make, station=street.station)
    tell(row, late(row))
    assert told(street.manager) == []
    assert told(street.above) == ["feedback_overdue"]


def test_what_was_answered_is_not_overdue(street):
    row = file(street.make, station=street.station)
    street.act("answer", row, "好的。")
    tell(row, late(row))
    assert told(street.manager) == []


# --- revealing -----------------------------------------------------------------------------------------


def test_revealing_is_written_down(street):
    person = street.make.person()
    known = file(street.make, person=person, station=street.station)
    unknown = file(street.make, station=street.station)
    for row in (known, unknown):
        street.act("note_sight", row)
    entries = db.session.scalars(
        select(AuditEntry).filter_by(verb="person.reveal").order_by(AuditEntry.id)
    ).all()
    assert [(one.subject_kind, one.subject_id) for one in entries] == [
        ("person", person.id),
        ("feedback", unknown.id),
    ]
    assert street.refused("note_sight", known, by=street.make.person()) == ("not_theirs",)
