"""Who may sign up on the manager's forms and the public page; large and risky activities; courses."""

from datetime import timedelta

import pytest

from portal.activities import queries
from portal.activities.models import Activity
from portal.attendance import trainings as courses
from portal.attendance.actions import ScanInput, record_scan
from portal.attendance.models import Direction, Way
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.errors import Refused
from portal.org import queries as org
from portal.org.models import Vocabulary
from portal.people import trainings
from portal.posts.models import ServicePost
from portal.shifts import queries_conditions as conditions
from portal.shifts import rules
from portal.shifts.actions_conditions import conditions_of
from portal.shifts.models import OfferingState, PlaceRole
from portal.signups import actions as signups
from tests.posts.given import drafted

ASKS = {
    "minimum_age": "18",
    "maximum_age": "60",
    "community_only": "y",
    "trainings": ["first_aid", "traffic"],
    "skills": ["driving"],
    "skills_wanted": ["dialect"],
}


@pytest.fixture
def station(make):
    return make.station()


@pytest.fixture
def desk(make, browser, station):
    return browser.sign_in(make.manager(station))


def filled(station, **changes):
    day = (clock.today() + timedelta(days=60)).isoformat()
    return {
        "title": "敬老院陪护", "kind": "care", "field": "relations", "target_group": "elderly",
        "place": "敬老院", "station": station.public_id, "day": day, "starts": "09:00",
        "ends": "11:00", "volunteers": "4", "project": "", "gives_training": "", **changes,
    }  # fmt: skip


def made():
    return db.session.query(Activity).order_by(Activity.id.desc()).first()


def test_what_is_asked_for_is_kept_shown_and_changed(desk, station):
    wrong = desk.post("/desk/activities/new", filled(station, **{**ASKS, "maximum_age": "17"}))
    assert wrong.status_code == 422
    assert "最高年龄不能小于最低年龄" in wrong.text
    assert 'value="17"' in wrong.text
    for code in ("first_aid", "traffic", "driving", "dialect"):
        assert f'value="{code}" checked' in wrong.text
    assert desk.post("/desk/activities/new", filled(station, **ASKS)).status_code == 303
    row = made()
    assert (row.minimum_age, row.maximum_age, row.community_only) == (18, 60, True)
    words = conditions.words_of(row.id)
    assert [[term.code for term in terms] for terms in words] == [
        ["first_aid", "traffic"], ["driving"], ["dialect"],
    ]  # fmt: skip
    text = desk.get(f"/activities/{row.public_id}").text
    for said in (
        "18–60 岁",
        f"{station.community}居民",
        "要先参加急救培训",
        "要会驾驶",
        "会方言外语更好",
    ):
        assert said in text
    edit = f"/desk/activities/{row.public_id}/edit"
    assert 'value="first_aid" checked' in desk.get(edit).text
    assert desk.post(edit, filled(station, trainings=["fire"])).status_code == 303
    asked = conditions_of(queries.activity(row.id))
    assert asked.trainings == {org.term(Vocabulary.TRAINING, "fire").id}
    assert (asked.maximum_age, asked.community_only, asked.skills) == (0, False, frozenset())
    copied = desk.get(f"/desk/activities/new?copy={row.public_id}").text
    assert 'value="fire" checked' in copied


def test_a_post_asks_in_the_same_way_and_needs_insurance_where_it_is_risky(desk, station):
    fields = {
        "title": "路口岗", "venue_type": "crossing", "site_name": "路口", "kind": "order",
        "field": "order", "station": station.public_id, "days": ["0", "1"], "starts": "09:00",
        "ends": "11:00", "volunteers": "2", **ASKS,
    }  # fmt: skip
    assert desk.post("/desk/posts/new", fields).status_code == 303
    row = db.session.query(ServicePost).one()
    assert (row.maximum_age, row.community_only) == (60, True)
    text = desk.get(f"/posts/{row.public_id}").text
    assert "18–60 岁" in text
    assert "要先参加交通引导培训" in text
    assert 'value="traffic" checked' in desk.get(f"/desk/posts/{row.public_id}/edit").text
    risky = drafted(station, is_risky=True)
    refused = desk.post(f"/desk/posts/{risky.public_id}/publication")
    assert refused.status_code == 409
    assert "保险" in refused.text


def test_a_large_activity_warns_of_the_police_and_asks_once_more(desk, station):
    fields = filled(station, expected_persons="1200", then="publish")
    sent = desk.post("/desk/activities/new", fields)
    row = made()
    publication = f"/desk/activities/{row.public_id}/publication"
    assert sent.location == publication
    assert row.state == OfferingState.DRAFT
    last = (clock.today() + timedelta(days=40)).isoformat()
    for page in (publication, f"/desk/activities/{row.public_id}", "/desk"):
        text = desk.get(page).text
        assert last in text
    assert "区（县）公安机关" in desk.get(publication).text
    assert desk.post(publication).location == publication
    assert desk.post(publication, {"sure": "1"}).status_code == 303
    db.session.refresh(row)
    assert row.state == OfferingState.PUBLISHED
    noted = filled(station, expected_persons="1200", permit_note="和公安许字 1 号")
    desk.post(f"/desk/activities/{row.public_id}/edit", noted)
    assert last not in desk.get("/desk").text
    assert "和公安许字 1 号" in desk.get(f"/desk/activities/{row.public_id}").text


@pytest.mark.parametrize(
    ("expected", "note", "needed"), [(999, "", False), (1000, "", True), (1000, "有", False)]
)
def test_when_a_permit_is_needed(expected, note, needed):
    assert rules.needs_permit(expected, note) is needed


def test_a_late_or_very_large_one_is_told_so(desk, station):
    soon = (clock.today() + timedelta(days=5)).isoformat()
    desk.post("/desk/activities/new", filled(station, expected_persons="6000", day=soon))
    text = desk.get(f"/desk/activities/{made().public_id}").text
    assert "市公安机关" in text
    assert "已经过了" in text


def test_who_attended_a_course_has_the_training_by_one_word(make, browser, station):
    term = org.term(Vocabulary.TRAINING, "first_aid")
    activity = make.activity(station, gives_training_id=term.id)
    start = clock.now().replace(microsecond=0) - timedelta(minutes=30)
    shift = make.shift(activity=activity, starts_at=start)
    manager, came, stayed = make.manager(station), make.person(), make.person()
    for person in (came, stayed, manager):
        write(signups.sign_up, shift.id, person.id, PlaceRole.ATTENDEE, actor=SYSTEM, now=start)
    for person in (came, manager):
        scan = ScanInput(person.id, shift.id, Direction.IN, Way.MANUAL, clock.now())
        write(record_scan, scan, actor=make.actor(manager), now=clock.now())
    browser.sign_in(manager)
    roster = f"/desk/shifts/{shift.public_id}"
    assert "给到场的人记上培训" in browser.get(roster).text
    for _ in range(2):
        assert browser.post(f"{roster}/trainings").status_code == 303
    (row,) = trainings.of_person(came.id)
    assert (row.term_id, row.held_on, row.shift_id) == (term.id, clock.local_day(start), shift.id)
    assert not trainings.of_person(stayed.id)
    assert not trainings.of_person(manager.id)  # nobody vouches for themselves
    other = make.shift(station)
    with pytest.raises(Refused):
        write(courses.give, other.id, actor=make.actor(manager), now=clock.now())
    browser.sign_in(make.manager(make.station()))
    assert browser.post(f"{roster}/trainings").status_code == 404
