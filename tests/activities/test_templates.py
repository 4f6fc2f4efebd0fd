"""Templates: kept from an activity, six fields to use one, whose they are, out of use and back."""

import re
from datetime import timedelta

import pytest

from portal.activities import actions_templates as actions
from portal.activities import queries_templates as templates
from portal.activities import seed
from portal.activities.models import Activity
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.errors import Invalid
from portal.org.models import Level
from portal.records.audit import AuditEntry
from portal.shifts import queries as shifts
from portal.shifts.models import OfferingState
from tests.activities.test_publishing import made
from tests.support.client import Browser

NEW = "/desk/activities/new"


@pytest.fixture
def station(make):
    return make.station("幸福社区实践站")


@pytest.fixture
def desk(make, browser, station):
    return browser.sign_in(make.manager(station))


@pytest.fixture
def lesson(make, station):
    """An activity with all there is to keep, from 14:30 to 16:00."""
    activity = make.activity(
        station, title="邻里书法课", kind="culture", place="二楼教室", bring="围裙", minimum_age=8,
        is_risky=True, risk_note="有墨汁", insurance_note="已投保",
    )  # fmt: skip
    starts = clock.at_local(clock.today() + timedelta(days=2), clock.local(clock.now()).time())
    starts = clock.local(starts).replace(hour=14, minute=30, second=0, microsecond=0)
    make.shift(
        activity=activity, starts_at=starts, minutes=90, places={"volunteer": 2, "attendee": 20}
    )
    return activity


def kept(activity, station, name="书法课"):
    return write(actions.keep, activity.id, station.id, name, actor=SYSTEM, now=clock.now())


def six(template, **changes):
    day = clock.today() + timedelta(days=9)
    return {
        "template": template.public_id, "title": "周日书法课", "day": day.isoformat(),
        "starts": "09:00", "ends": "10:30", "volunteers": "3", "attendees": "12",
        "then": "publish", **changes,
    }  # fmt: skip


def shown_fields(page):
    main = page.text.partition("<main")[2].partition("</main>")[0]
    return re.findall(r'<(?:input|select|textarea)(?![^>]*type="hidden")[^>]*name="(\w+)"', main)


def test_an_activity_is_kept_and_made_again_with_six_fields(desk, station, lesson):
    path = f"/desk/activities/{lesson.public_id}/template"
    assert 'value="邻里书法课"' in desk.get(path).text
    answer = desk.post(path, {"name": "书法课", "station": station.public_id})
    assert answer.location == "/desk/templates"
    page = desk.get("/desk/templates").text
    for words in ("书法课", "14:30", "30", "志愿者", "20"):
        assert words in page
    template = templates.named(station.id, "书法课")
    assert f"{NEW}?template={template.public_id}" in desk.get(NEW).text
    page = desk.get(f"{NEW}?template={template.public_id}")
    assert shown_fields(page) == ["title", "day", "starts", "ends", "volunteers", "attendees"]
    for value in ("邻里书法课", "14:30", "16:00", "2", "20"):
        assert f'value="{value}"' in page.text
    activity = made(desk.post(NEW, six(template, then="draft")))
    same = ("kind_id", "field_id", "target_group_id", "place", "summary", "leader_name", "bring",
            "contact_phone", "minimum_age", "is_risky", "risk_note", "insurance_note")  # fmt: skip
    assert [getattr(activity, name) for name in same] == [getattr(lesson, name) for name in same]
    assert (activity.title, activity.station_id) == ("周日书法课", station.id)
    (shift,) = shifts.shifts_of(activity.id)
    assert clock.local(shift.starts_at).strftime("%H:%M") == "09:00"
    assert {row.role: row.capacity for row in shifts.places(shift.id)} == {
        "volunteer": 3, "attendee": 12,
    }  # fmt: skip


def test_what_was_typed_stays_when_all_fields_are_shown_or_one_is_wrong(desk, station, lesson):
    template = kept(lesson, station)
    wrong = desk.post(NEW, six(template, ends="09:00", title="新名字"))
    assert wrong.status_code == 422
    assert shown_fields(wrong) == ["title", "day", "starts", "ends", "volunteers", "attendees"]
    assert 'value="新名字"' in wrong.text
    page = desk.post(NEW, six(template, title="新名字", ends="", all="1"))
    assert page.status_code == 200
    assert 'value="新名字"' in page.text
    assert 'value="二楼教室"' in page.text
    assert 'value="有墨汁"' in page.text
    assert 'name="template"' not in page.text
    assert "error-summary" not in page.text
    assert db.session.query(Activity).count() == 1


def test_what_a_template_leaves_open_is_the_stations(desk, station):
    write(seed.seed, actor=SYSTEM, now=clock.now())
    (template,) = [one for one in templates.offered_to([station.id]) if one.code == "clean_up"]
    activity = made(desk.post(NEW, six(template)))
    assert activity.state == OfferingState.PUBLISHED
    assert (activity.place, activity.contact_phone) == (station.address, station.phone)
    assert activity.leader_name
    names = [one.name for one in templates.offered_to([station.id])]
    assert len(names) == len(seed.USUAL) == 6
    write(seed.seed, actor=SYSTEM, now=clock.now())
    assert [one.name for one in templates.offered_to([station.id])] == names


def test_a_template_whose_kind_is_gone_asks_for_all_fields(desk, station, lesson):
    template = kept(lesson, station)
    lesson.kind.active = False
    db.session.commit()
    page = desk.post(NEW, six(template))
    assert page.status_code == 422
    assert "请从列表中选择一项" in page.text
    assert 'name="kind"' in page.text
    assert 'value="周日书法课"' in page.text


def test_a_name_is_used_once_and_the_same_kept_twice_is_one(station, lesson):
    first = kept(lesson, station)
    assert kept(lesson, station).id == first.id
    lesson.bring = "毛笔"
    db.session.commit()
    with pytest.raises(Invalid):
        kept(lesson, station)
    other = kept(lesson, station, "毛笔课")
    with pytest.raises(Invalid):
        write(actions.rename, other.id, "书法课", actor=SYSTEM, now=clock.now())
    write(actions.retire, first.id, actor=SYSTEM, now=clock.now())
    write(actions.rename, other.id, "书法课", actor=SYSTEM, now=clock.now())
    with pytest.raises(Invalid):
        write(actions.reinstate, first.id, actor=SYSTEM, now=clock.now())


def test_renamed_retired_and_reinstated_at_the_desk(desk, station, lesson):
    template = kept(lesson, station)
    path = f"/desk/templates/{template.public_id}"
    assert desk.post(path, {"name": ""}).status_code == 422
    assert desk.post(path, {"name": "毛笔课"}).status_code == 303
    assert "毛笔课" in desk.get("/desk/templates").text
    for _ in range(2):
        assert desk.post(f"{path}/retirement").status_code == 303
    assert path not in desk.get("/desk/templates").text
    assert path in desk.get("/desk/templates?gone=1").text
    page = desk.get(f"{NEW}?template={template.public_id}").text
    assert "这个模板不在用了" in page
    assert 'name="kind"' in page
    assert desk.post(f"{path}/reinstatement").status_code == 303
    assert path in desk.get("/desk/templates").text
    verbs = db.session.query(AuditEntry.verb).filter_by(subject_kind="template")
    assert sorted(verb for (verb,) in verbs) == [
        "template.keep", "template.reinstate", "template.rename", "template.retire",
    ]  # fmt: skip


def test_whose_templates_are(app, make, station, lesson):
    """Stations below use what stands above; changing is for who keeps it, the district's for few."""
    institute = make.station("河东实践所", level=Level.INSTITUTE)
    below = make.station("河边实践站", parent=institute)
    of_station, of_institute = kept(lesson, station), kept(lesson, institute, "所里的")
    write(seed.seed, actor=SYSTEM, now=clock.now())
    (of_district,) = [one for one in templates.offered_to([station.id]) if one.code == "lecture"]
    rows = (of_station, of_institute, of_district)

    def answers(person):
        browser = Browser(app).sign_in(person)
        listed = browser.get("/desk/templates").text
        return [
            (f"template={row.public_id}" in listed,
             browser.get(f"/desk/templates/{row.public_id}").status_code,
             browser.post(f"/desk/templates/{row.public_id}/retirement", token=True).status_code)
            for row in rows
        ]  # fmt: skip

    assert answers(make.manager(below)) == [(False, 404, 404), (True, 404, 404), (True, 404, 404)]
    officer = Browser(app).sign_in(make.holder("campaign_officer", make.centre()))
    assert officer.get("/desk/templates").status_code == 403
    other = Browser(app).sign_in(make.manager(below))
    assert other.post(f"/desk/activities/{lesson.public_id}/template").status_code == 404
    # A template of another station fills nothing.
    assert other.post(NEW, six(of_station)).status_code == 422
    assert answers(make.manager(station)) == [(True, 200, 303), (False, 404, 404), (True, 404, 404)]
    assert answers(make.holder("administrator", make.centre()))[1:] == [
        (True, 200, 303), (True, 200, 303),
    ]  # fmt: skip


def test_a_template_is_used_for_a_station_of_ones_own(desk, make, station, lesson):
    template = kept(lesson, station)
    elsewhere = make.station()
    page = desk.get(f"{NEW}?template={template.public_id}&station={elsewhere.public_id}").text
    assert f'name="station" value="{station.public_id}"' in page
    assert desk.post(NEW, six(template, station=elsewhere.public_id)).status_code == 422
    assert db.session.query(Activity).count() == 1
