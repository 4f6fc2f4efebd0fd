"""Honours: who gives them, who sees them, what a person's consent lets out."""

from datetime import date

import pytest

from portal.core import clock
from portal.core.access import SYSTEM, Role
from portal.core.db import db, write
from portal.core.errors import Refused
from portal.honours import actions, hooks, queries
from portal.honours.models import Honour
from portal.org.models_units import CivilizedUnit
from portal.people import consents, family
from portal.people.models_consents import Channel, ConsentKind
from portal.people.models_family import Relation
from portal.projects.actions import Details as ProjectDetails
from portal.projects.actions import create as create_project
from portal.records import notes
from tests.honours.given import honoured
from tests.support.queries import count_queries
from tests.teams.given import a_team


def agreed(person, *, given=True):
    verb = consents.give if given else consents.withdraw
    write(verb, person.id, ConsentKind.PUBLICATION, Channel.WEB, actor=SYSTEM, now=clock.now())


def test_each_kind_shows_on_its_page(make, browser):
    station = make.station("桥头社区实践站")
    team = a_team(station, "帮帮队")
    project = write(create_project, station.id, ProjectDetails("五彩社区节"), actor=SYSTEM,
                    now=clock.now())  # fmt: skip
    unit = CivilizedUnit(name="第一小学", station_id=station.id)
    db.session.add(unit)
    db.session.commit()
    person = make.volunteer(station, name="甘小雨")
    for kind, row, title in (
        ("team", team, "十佳队伍"), ("project", project, "十佳项目"), ("unit", unit, "文明单位"),
        ("community", station, "文明社区"), ("person", person, "十佳个人"),
        ("family", person, "最美家庭"),
    ):  # fmt: skip
        honoured(kind, row, title=title)
    assert "十佳队伍" in browser.get(f"/teams/{team.public_id}").text
    assert "十佳项目" in browser.get(f"/projects/{project.public_id}").text
    assert "文明社区" in browser.get(f"/stations/{station.public_id}").text
    public = browser.get(f"/honours?station={station.public_id}&level=district&year=1999").text
    assert "没有找到符合条件的荣誉" in public
    public = browser.get("/honours").text
    assert "文明单位" in public
    assert "第一小学" in public
    assert "甘小雨" not in public
    assert "十佳个人" not in public
    own = browser.sign_in(person).get("/me/record").text
    assert "十佳个人" in own
    assert "最美家庭" in own


@pytest.mark.parametrize(
    ("birth_on", "given", "is_shown"),
    [
        (date(1980, 1, 1), (), False),
        (date(1980, 1, 1), (True,), True),
        (date(1980, 1, 1), (True, False), False),
        (date(2014, 1, 1), (True,), False),
    ],
)
def test_a_person_is_named_in_public_with_their_consent_alone(
    make, browser, birth_on, given, is_shown
):
    person = make.volunteer(make.station(), name="甘小雨", birth_on=birth_on)
    honoured("person", person)
    for one in given:
        agreed(person, given=one)
    assert ("甘小雨" in browser.get("/honours").text) == is_shown


def test_the_newest_word_of_merged_records_holds(make, browser):
    station = make.station()
    kept, other = make.volunteer(station, name="甘小雨"), make.person(name="甘小雨")
    honoured("person", other)
    agreed(other)
    other.merged_into_id = kept.id
    db.session.commit()
    assert "甘小雨" in browser.get("/honours").text
    agreed(kept, given=False)
    assert "甘小雨" not in browser.get("/honours").text


def test_a_manager_gives_and_withdraws_at_the_own_station_alone(make, browser):
    station, other = make.station(), make.station()
    person, stranger = make.volunteer(station), make.volunteer(other)
    manager = make.manager(station)
    browser.sign_in(manager)
    assert person.name in browser.get(f"/desk/honours/new?kind=person&q={person.name}").text
    away = browser.get(f"/desk/honours/new?kind=person&q={stranger.name}").text
    assert "没有找到" in away
    address = f"/desk/honours/new/person/{person.public_id}"
    assert browser.get(f"/desk/honours/new/person/{stranger.public_id}").status_code == 404
    assert browser.get("/desk/honours/new/ghost/zzzzzzzzzz").status_code == 404
    form = {"title": "好邻居", "level": "street", "given_on": "2026-01-05", "issuer": "街道"}
    assert browser.post(address, {**form, "given_on": "2999-01-01"}).status_code == 422
    assert browser.post(address, form).status_code == 303
    assert browser.post(address, form).status_code == 303
    (row,) = queries.of_person(person.id)
    assert (row.title, row.level.code, row.station_id) == ("好邻居", "street", station.id)
    assert "好邻居" in browser.get("/desk/honours?kind=person").text
    withdrawal = f"/desk/honours/{row.public_id}/withdrawal"
    assert browser.get(withdrawal).status_code == 200
    assert browser.post(withdrawal, {"reason": ""}).status_code == 422
    assert browser.post(withdrawal, {"reason": "登记错人"}).status_code == 303
    assert "登记错人" in browser.get("/desk/honours?gone=1").text
    assert "登记错人" in browser.sign_in(person).get("/me/record").text
    browser.sign_in(make.manager(other))
    assert browser.get(withdrawal).status_code == 404
    assert "好邻居" not in browser.get("/desk/honours?gone=1").text


def test_nobody_honours_themselves_or_their_family(make):
    station = make.station()
    manager, child = make.manager(station), make.person(station=station, account=False)
    manager.home_station_id = station.id
    db.session.commit()
    said = family.NewMember("小甘", Relation.CHILD, date(2000, 1, 1), agreed=True)
    relative = write(family.add, manager.id, said, actor=SYSTEM, now=clock.now()).person
    actor = make.actor(manager)
    for kind, whom in (("person", manager), ("family", manager), ("person", relative)):
        with pytest.raises(Refused) as refused:
            honoured(kind, whom, actor=actor)
        assert refused.value.codes == ("own_record",)
    assert honoured("person", child, actor=actor).recorded_by_id == manager.id


def test_another_stations_is_refused_by_the_action_too(make):
    with pytest.raises(Refused) as refused:
        honoured("person", make.volunteer(make.station()), actor=make.actor(
            make.manager(make.station())))  # fmt: skip
    assert refused.value.codes == ("not_theirs",)


def test_what_a_person_takes_away_and_what_erasing_leaves(make):
    person = make.volunteer(make.station())
    row = honoured("person", person, note="照顾独居老人三年")
    (taken,) = hooks.export(person.id)["honours"]
    assert (taken["title"], taken["note"]) == ("优秀志愿者", "照顾独居老人三年")
    write(hooks.erase, person.id, actor=SYSTEM, now=clock.now())
    assert notes.of(actions.ref(row)) == []
    assert db.session.get(Honour, row.id) is not None


def test_lists_ask_the_same_whatever_their_length(make, browser):
    station = make.station()
    browser.sign_in(make.holder(Role.CAMPAIGN_OFFICER, make.centre()))

    def asked(path):
        browser.get(path)
        with count_queries() as seen:
            assert browser.get(path).status_code == 200
        return len(seen)

    paths = ("/honours", "/desk/honours")
    honoured("team", a_team(station))
    before = [asked(path) for path in paths]
    for number in range(29):
        person = make.volunteer(station)
        agreed(person)
        honoured("person" if number % 2 else "family", person)
    # Two kinds more are two tables more, whatever their number.
    assert all(now <= was + 1 for now, was in zip(map(asked, paths), before, strict=True))
