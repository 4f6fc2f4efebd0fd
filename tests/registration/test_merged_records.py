"""After a merge the old record's visits, hours, sign-ups and consents are the person's own."""

from datetime import date, timedelta

import pytest

from portal.attendance import actions, hooks, queries
from portal.attendance.roster import roster
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.errors import Refused
from portal.core.ref import Ref
from portal.hours import hooks as hour_hooks
from portal.hours import queries as ledger
from portal.notices import queries as notices
from portal.notices.actions import tell
from portal.notices.hooks import deliver_notice
from portal.people import consents
from portal.people import queries as people
from portal.people.models import IdentityCheck, VolunteerState
from portal.people.models_consents import Channel, ConsentKind
from portal.records import outbox
from portal.records.stale import StaleDay
from portal.registration import decisions, merge
from portal.shifts.models import PlaceRole
from portal.signups import actions as signup_actions
from tests.attendance.conftest import Scene, sign_up

BORN = date(1980, 5, 4)
PHONE = "13700008888"


@pytest.fixture
def scene(make, time_machine):
    time_machine.move_to("2026-05-08T13:50:00+08:00", tick=False)
    return Scene(make)


class Pair:
    """A registered volunteer, and a second record of the same person with an account."""

    def __init__(self, scene, time_machine, *, state=VolunteerState.SUBMITTED):
        self.scene, self.clock = scene, time_machine
        same = {"name": "李秀英", "phone": PHONE, "birth_on": BORN}
        self.kept = scene.make.volunteer(scene.station, account=False, **same)
        self.other = scene.make.volunteer(scene.station, state=state, **same)

    def serve(self, person, came, went, *, shift=None):
        """Let the record stay from one minute after the start to another."""
        shift = shift or self.scene.shift
        sign_up(shift, person)
        self.scene.scan(person, "in", came, shift=shift)
        if went is not None:
            self.scene.scan(person, "out", went, shift=shift)

    def merge(self, minutes=300):
        """Merge some minutes after the start."""
        self.clock.move_to(self.scene.at(minutes), tick=False)
        row = people.volunteer_of(self.kept.id)
        by = self.scene.make.actor(self.scene.manager)
        write(merge.merge, row.id, self.other.id, actor=by, now=clock.now())


@pytest.fixture
def pair(scene, time_machine):
    return Pair(scene, time_machine)


def nothing_wrong():
    return hooks.check() == [] and hour_hooks.check() == []


def test_hours_and_the_export_show_what_the_old_record_did(pair, browser):
    shift = pair.scene.shift
    pair.serve(pair.other, 0, 120)
    assert ledger.total(pair.other.id) == 0
    pair.merge()
    browser.sign_in(pair.kept)
    page = browser.get("/me/hours").text
    assert "已计入" in page
    assert "2 小时" in page
    assert shift.offering.title in page
    assert shift.offering.title in browser.get("/me/signups").text
    assert "2 小时" in browser.get("/me").text
    data = browser.get("/me/data.json").get_json()
    assert [one["shift_id"] for one in data["visits"]] == [shift.public_id]
    assert [(one["state"], one["minutes"]) for one in data["service_records"]] == [
        ("credited", 120)
    ]
    assert [(one["shift_id"], one["state"]) for one in data["signups"]] == [
        (shift.public_id, "attended")
    ]
    (entry,) = ledger.entries_of(pair.kept.id)
    assert (entry.person_id, entry.seq) == (pair.other.id, 1)
    assert nothing_wrong()


def test_minutes_that_waited_are_credited_with_a_later_approval_too(scene, time_machine):
    pair = Pair(scene, time_machine)
    row = people.volunteer_of(pair.kept.id)
    row.state, row.volunteer_no, row.registered_at = VolunteerState.SUBMITTED, None, None
    db.session.commit()
    pair.serve(pair.other, 0, 120)
    pair.merge()
    assert ledger.total(pair.kept.id) == 0
    by = scene.make.actor(scene.manager)
    write(decisions.approve, row.id, IdentityCheck.SEEN, "", actor=by, now=clock.now())
    assert ledger.total(pair.kept.id) == 120
    assert nothing_wrong()


def test_what_both_records_served_at_once_counts_once(scene, time_machine):
    pair = Pair(scene, time_machine, state=VolunteerState.LEFT)
    second = scene.make.shift(scene.station, starts_at=scene.at(60))
    pair.serve(pair.kept, 0, 120)
    row = people.volunteer_of(pair.other.id)
    row.state, row.volunteer_no = VolunteerState.REGISTERED, "440300000099"
    db.session.commit()
    pair.serve(pair.other, 60, 180, shift=second)
    row.state = VolunteerState.LEFT
    db.session.commit()
    assert ledger.total(pair.kept.id) + ledger.total(pair.other.id) == 240
    pair.merge()
    assert ledger.total(pair.kept.id) == 180
    entries = [row for row in ledger.entries_of(pair.kept.id) if row.person_id == pair.other.id]
    assert [(one.seq, one.minutes) for one in entries] == [(1, 120), (2, -120), (3, 60)]
    assert entries[-1].rule["cut_by"] == ["overlap"]
    (visit,) = [one for one in queries.visits_of(pair.kept.id) if one.person_id == pair.other.id]
    assert visit.minutes == 60
    assert db.session.get(StaleDay, (clock.local_day(scene.start), scene.station.id))
    assert nothing_wrong()


def test_the_person_confirms_a_visit_of_the_old_record(scene, time_machine, browser):
    pair = Pair(scene, time_machine)
    pair.serve(pair.other, 0, None)
    visit = queries.visits_of(pair.other.id)[0]
    write(actions.close_by_rule, visit.id, actor=SYSTEM, now=scene.at(290))
    pair.merge()
    assert visit.pending == "no_check_out"
    stranger = scene.make.person()
    path = f"/me/hours/{visit.public_id}/confirmation"
    assert browser.sign_in(stranger).post(path).status_code == 404
    browser.sign_in(pair.kept)
    assert "确认 2 小时" in browser.get("/me/hours").text
    assert browser.post(path).status_code == 303
    assert ledger.total(pair.kept.id) == 120
    assert nothing_wrong()


def test_the_roster_and_the_board_count_one_person(pair):
    scene = pair.scene
    pair.serve(pair.kept, 0, 60)
    pair.serve(pair.other, 5, 60)
    assert queries.counts(scene.shift.id) == (2, 2, 2)
    pair.merge()
    assert queries.counts(scene.shift.id) == (1, 1, 2)
    shown = roster(scene.shift, clock.now())
    assert (shown.came, shown.gone, len(shown.rows)) == (1, 1, 2)


def test_who_came_under_the_other_record_is_not_shown_as_missing(pair, browser):
    sign_up(pair.scene.shift, pair.kept)
    pair.serve(pair.other, 0, 120)
    pair.merge()
    page = browser.sign_in(pair.kept).get("/me/hours").text
    assert "没有签到记录" not in page


def test_nobody_is_merged_while_the_old_record_is_at_a_shift(pair):
    pair.serve(pair.other, 0, None)
    with pytest.raises(Refused) as refused:
        pair.merge(30)
    assert refused.value.codes == ("on_shift",)
    pair.merge()


def test_a_merge_of_merges_leads_to_the_last_record(pair):
    make = pair.scene.make
    pair.serve(pair.other, 0, 120)
    pair.merge()
    row = people.volunteer_of(pair.kept.id)
    row.state, row.volunteer_no = VolunteerState.WITHDRAWN, None
    db.session.commit()
    last = make.volunteer(
        pair.scene.station, name="李秀英", phone=PHONE, birth_on=BORN, account=False
    )
    by = make.actor(pair.scene.manager)
    write(merge.merge, people.volunteer_of(last.id).id, pair.kept.id, actor=by, now=clock.now())
    db.session.expire_all()
    assert people.person(pair.other.id).merged_into_id == last.id
    assert ledger.total(last.id) == ledger.total(pair.other.id) == 120
    with pytest.raises(Refused) as refused:
        write(merge.merge, row.id, last.id, actor=by, now=clock.now())
    assert refused.value.codes == ("gone",)


def test_later_notices_and_consents_of_the_old_record_are_the_persons(pair, browser):
    pair.merge()
    write(tell, pair.other.id, "visit_lapsed", Ref("visit", 0), now=clock.now())
    outbox.relay({"notice": deliver_notice}, now=clock.now())
    assert [one.kind for one in notices.unread(pair.kept.id)] == ["visit_lapsed"]
    browser.sign_in(pair.kept).post("/me/notices/read")
    assert notices.unread(pair.kept.id) == []
    assert consents.holds(pair.kept.id, ConsentKind.NOTICE)
    write(
        consents.withdraw, pair.kept.id, ConsentKind.NOTICE, Channel.WEB,
        actor=SYSTEM, now=clock.now(),
    )  # fmt: skip
    assert not consents.holds(pair.kept.id, ConsentKind.NOTICE)


def test_a_place_to_come_goes_over_and_is_withdrawn_as_ones_own(pair, browser):
    scene = pair.scene
    shift = scene.make.shift(scene.station, starts_at=scene.start + timedelta(days=3))
    write(
        signup_actions.sign_up, shift.id, pair.other.id, PlaceRole.ATTENDEE,
        actor=scene.make.actor(pair.other), now=clock.now(),
    )  # fmt: skip
    pair.merge()
    browser.sign_in(pair.kept)
    (signup,) = browser.get("/me/data.json").get_json()["signups"]
    assert "代报名" not in browser.get("/me/signups").text
    assert browser.post(f"/signups/{signup['id']}/withdrawal").status_code == 303
