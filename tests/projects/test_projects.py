"""Projects: who keeps them, what activities may name them, figures from the records behind them."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.activities import actions as activities
from portal.attendance.actions import ScanInput, record_scan
from portal.attendance.models import Direction, Way
from portal.core import clock
from portal.core.access import SYSTEM, Role
from portal.core.db import db, write
from portal.core.errors import Invalid
from portal.org.models import Level
from portal.projects import actions, queries
from portal.projects.actions import Details
from portal.shifts import queries_projects
from portal.shifts.models import OfferingState, PlaceRole
from portal.shifts.models_projects import Project
from portal.signups import actions as signups
from tests.support.queries import count_queries
from tests.teams.given import a_team


@pytest.fixture
def station(make):
    return make.station()


def a_project(station, name="五彩社区节", **changes):
    given = Details(name, slogan="一个社区一种颜色", **changes)
    return write(actions.create, station.id, given, actor=SYSTEM, now=clock.now())


def held(make, station, project, *, came=1, hours_ago=30, **columns):
    """Make a session of the project that has been, to which volunteers came for two hours."""
    start = clock.now().replace(microsecond=0) - timedelta(hours=hours_ago)
    activity = make.activity(station, project_id=project.id if project else None, **columns)
    shift = make.shift(activity=activity, starts_at=start, places={"volunteer": 9})
    for _ in range(came):
        person = make.volunteer(station)
        write(signups.sign_up, shift.id, person.id, PlaceRole.VOLUNTEER, actor=SYSTEM,
              now=start - timedelta(days=1))  # fmt: skip
        for direction, at in ((Direction.IN, shift.starts_at), (Direction.OUT, shift.ends_at)):
            scan = ScanInput(person.id, shift.id, direction, Way.CODE, at)
            write(record_scan, scan, actor=SYSTEM, now=at)
    return shift


def test_figures_are_those_of_its_own_records(make, station):
    project, other = a_project(station), a_project(station, "微孝扶老")
    held(make, station, project, came=2)
    held(make, station, project, came=1, hours_ago=60)
    held(make, station, other, came=1)
    held(make, station, None, came=3)
    make.shift(activity=make.activity(station, project_id=project.id))
    off = held(make, station, project, came=0, hours_ago=90)
    off.state = "called_off"
    off.called_off_at = clock.now()
    db.session.commit()
    found = queries.figures([project.id, other.id], clock.now())
    assert found[project.id] == queries.Figures(sessions=2, attendances=3, minutes=360)
    assert found[other.id] == queries.Figures(sessions=1, attendances=1, minutes=120)


def test_who_only_watched_is_counted_without_hours(make, station):
    project = a_project(station)
    start = clock.now().replace(microsecond=0) - timedelta(hours=30)
    activity = make.activity(station, project_id=project.id)
    shift = make.shift(activity=activity, starts_at=start, places={"attendee": 3})
    person = make.person()
    write(signups.sign_up, shift.id, person.id, PlaceRole.ATTENDEE, actor=SYSTEM,
          now=start - timedelta(days=1))  # fmt: skip
    scan = ScanInput(person.id, shift.id, Direction.IN, Way.CODE, start)
    write(record_scan, scan, actor=SYSTEM, now=start)
    assert queries.figures([project.id], clock.now())[project.id] == queries.Figures(1, 1, 0)


def test_an_activity_names_a_project_of_its_own_or_above_or_that_it_joined(make):
    street = make.station(level=Level.INSTITUTE)
    below, elsewhere = make.station(parent=street), make.station()
    own, above = a_project(below, "自己的"), a_project(street, "上级的")
    joined = a_project(elsewhere, "参加的", station_ids=frozenset({below.id}))
    a_project(elsewhere, "别家的")
    ended = a_project(below, "结束的")
    write(actions.close, ended.id, actor=SYSTEM, now=clock.now())
    found = {row.name for row in queries_projects.open_to([below.id])}
    assert found == {"自己的", "上级的", "参加的"}
    for row in (own, above, joined):
        assert queries_projects.is_open_to(row.id, below.id)
    assert not queries_projects.is_open_to(own.id, street.id)


def test_a_foreign_project_is_not_usable(make, station):
    other = a_project(make.station())
    row = make.activity(station)
    details = activities.Details(
        row.title, row.kind_id, row.field_id, row.target_group_id, row.place, project_id=other.id
    )
    with pytest.raises(Invalid):
        write(activities.change, row.id, details, actor=SYSTEM, now=clock.now())


def test_an_activity_keeps_an_ended_project(make, station):
    project = a_project(station)
    row = make.activity(station, project_id=project.id)
    make.shift(activity=row)
    write(actions.close, project.id, actor=SYSTEM, now=clock.now())
    names = ("title", "kind_id", "field_id", "target_group_id", "place", "project_id")
    details = activities.Details(**{name: getattr(row, name) for name in names})
    write(activities.change, row.id, details, actor=SYSTEM, now=clock.now())
    assert row.project_id == project.id


def test_a_manager_names_the_project_in_the_form(make, browser, station):
    project = a_project(station)
    a_project(make.station(), "别家的")
    row = make.activity(station)
    make.shift(activity=row)
    browser.sign_in(make.manager(station))
    path = f"/desk/activities/{row.public_id}/edit"
    page = browser.get(path).text
    assert "五彩社区节" in page
    assert "别家的" not in page
    fields = {
        "title": row.title, "kind": "environment", "place": row.place, "field": "environment",
        "target_group": "everyone", "project": project.public_id, "team_only": "y",
    }  # fmt: skip
    assert browser.post(path, fields).status_code == 303
    db.session.refresh(row)
    assert (row.project_id, row.team_only) == (project.id, True)
    assert "五彩社区节" in browser.get(f"/activities/{row.public_id}").text
    assert browser.post(path, {**fields, "project": "zzzzzzzzzz"}).status_code == 422


# --- pages ---------------------------------------------------------------------------------------


def test_the_page_groups_activities_teams_and_stations(make, browser, station):
    other = make.station()
    team = a_team(station, "金牌帮帮团")
    project = a_project(station, team_ids=frozenset({team.id}), station_ids=frozenset({other.id}))
    shift = make.shift(activity=make.activity(station, project_id=project.id, title="广场晚会"))
    make.shift(activity=make.activity(station, title="不相干的"))
    draft = make.activity(station, project_id=project.id, state=OfferingState.DRAFT, title="草稿")
    make.shift(activity=draft)
    page = browser.get(f"/projects/{project.public_id}").text
    for words in ("五彩社区节", "广场晚会", "金牌帮帮团", other.name, station.name):
        assert words in page
    assert "不相干的" not in page
    assert "草稿" not in page
    assert shift.public_id in page
    assert "五彩社区节" in browser.get(f"/teams/{team.public_id}").text


def test_the_list_is_narrowed_and_empty_ones_say_so(make, browser, station):
    assert "还没有项目" in browser.get("/projects").text
    a_project(station)
    a_project(make.station(), "微孝扶老")
    page = browser.get(f"/projects?station={station.public_id}").text
    assert "五彩社区节" in page
    assert "微孝扶老" not in page
    assert "微孝扶老" in browser.get("/projects?q=扶老").text
    assert "没有找到符合条件的项目" in browser.get("/projects?q=没有").text
    assert "没有这个站点" in browser.get("/projects?station=unknown").text
    assert "Set-Cookie" not in browser.get("/projects").headers


@pytest.mark.parametrize(
    ("who", "lists", "keeps"),
    [
        ("resident", 403, 403), ("leader", 403, 404), ("auditor", 403, 404),
        ("manager", 200, 200), ("manager_elsewhere", 200, 404), ("officer", 200, 200),
        ("administrator", 200, 200),
    ],
)  # fmt: skip
def test_who_keeps_projects(make, browser, station, who, lists, keeps):
    project = a_project(station)
    people = {
        "resident": make.person,
        "leader": lambda: make.holder(Role.TEAM_LEADER, station),
        "auditor": lambda: make.holder(Role.AUDITOR, station),
        "manager": lambda: make.manager(station),
        "manager_elsewhere": lambda: make.manager(make.station()),
        "officer": lambda: make.holder(Role.CAMPAIGN_OFFICER, make.centre()),
        "administrator": lambda: make.holder(Role.ADMINISTRATOR, make.centre()),
    }
    browser.sign_in(people[who]())
    assert browser.get("/desk/projects").status_code == lists
    for path in ("", "/closing"):
        assert browser.get(f"/desk/projects/{project.public_id}{path}").status_code == keeps
    reopened = browser.post(f"/desk/projects/{project.public_id}/reopening")
    assert reopened.status_code == (303 if keeps == 200 else keeps)


def test_a_manager_makes_changes_and_ends_a_project(make, browser, station):
    team, foreign = a_team(station), a_team(make.station())
    browser.sign_in(make.manager(station))
    form = {"name": "微孝扶老", "station": station.public_id, "teams": [team.public_id]}
    assert browser.post("/desk/projects/new", {**form, "name": ""}).status_code == 422
    wrong = {**form, "teams": [foreign.public_id]}
    assert browser.post("/desk/projects/new", wrong).status_code == 422
    assert browser.post("/desk/projects/new", form).status_code == 303
    row = db.session.scalars(select(Project)).one()
    assert [one.id for one in queries.teams_of(row.id)] == [team.id]
    path = f"/desk/projects/{row.public_id}"
    assert f'value="{team.public_id}" checked' in browser.get(path).text
    browser.post(path, {"name": "微孝扶老", "slogan": "常回家看看"})
    db.session.refresh(row)
    assert (row.slogan, list(queries.teams_of(row.id))) == ("常回家看看", [])
    browser.post(f"{path}/closing")
    assert browser.get(f"/projects/{row.public_id}").status_code == 404
    assert "微孝扶老" in browser.get("/desk/projects?gone=1").text
    browser.post(f"{path}/reopening")
    assert browser.get(f"/projects/{row.public_id}").status_code == 200


def test_who_takes_part_from_elsewhere_stays_when_somebody_else_saves(make, browser, station):
    elsewhere = make.station()
    foreign = a_team(elsewhere)
    project = a_project(
        station, team_ids=frozenset({foreign.id}), station_ids=frozenset({elsewhere.id})
    )
    browser.sign_in(make.manager(station))
    path = f"/desk/projects/{project.public_id}"
    fields = {
        "name": "五彩社区节", "teams": [foreign.public_id], "stations": [elsewhere.public_id],
    }  # fmt: skip
    assert browser.post(path, fields).status_code == 303
    assert [row.id for row in queries.teams_of(project.id)] == [foreign.id]
    assert [row.id for row in queries.stations_of(project.id)] == [elsewhere.id]


def test_long_lists_ask_no_more(make, browser, station):
    project = a_project(station)
    held(make, station, project)
    browser.sign_in(make.manager(station))

    def cost():
        found = []
        for path in ("/projects", "/desk/projects", f"/projects/{project.public_id}"):
            with count_queries() as seen:
                browser.get(path)
            found.append(len(seen))
        return found

    before = cost()
    for n in range(29):
        row = a_project(station, f"项目{n}")
        make.shift(activity=make.activity(station, project_id=row.id))
        make.shift(activity=make.activity(station, project_id=project.id))
    assert cost() == before
