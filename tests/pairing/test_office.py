import csv
import io

import pytest

from portal.core import clock
from portal.core.access import SYSTEM, Role
from portal.core.db import write
from portal.org.models_units import UnitKind
from portal.pairing import actions
from portal.records import settings
from tests.pairing.given import COMMUNITY, UNIT, Pair, fresh, pairings, unit
from tests.support.queries import count_queries


@pytest.fixture
def streets(make):
    """Two streets with two communities each."""
    found = {}
    for street in ("东湾", "清溪"):
        above = make.station(f"{street}实践所", level="institute")
        names = (f"{street}甲社区", f"{street}乙社区")
        found[street] = [above, *(make.station(f"{name}实践站", parent=above) for name in names)]
    return found


def officer(make, station=None):
    return make.holder(Role.CAMPAIGN_OFFICER, station or make.centre())


def pair_at(station, row):
    return f"/office/stations/{station.public_id}/pairings", {"unit": row.public_id}


# --- who -------------------------------------------------------------------------------------------


def test_who_may_pair_and_end(make, browser, streets):
    _street, station, _other = streets["东湾"]
    library = unit()
    address, fields = pair_at(station, library)
    for person, expected in (
        (make.person(), 403),
        (make.manager(station), 404),
        (make.holder(Role.AUDITOR, make.centre()), 404),
        (officer(make, streets["清溪"][0]), 404),
    ):
        assert browser.sign_in(person).post(address, fields).status_code == expected
    assert pairings() == []
    browser.sign_in(officer(make, streets["东湾"][0]))
    for _twice in range(2):
        assert browser.post(address, fields).status_code == 303
    (row,) = pairings()
    ending = f"/office/pairings/{row.public_id}/ending"
    for person, expected in (
        (make.manager(station), 404),
        (officer(make, streets["清溪"][0]), 404),
    ):
        assert browser.sign_in(person).get(ending).status_code == expected
        assert browser.post(ending, {"reason": "到期"}).status_code == expected
    browser.sign_in(make.holder(Role.ADMINISTRATOR, make.centre()))
    assert browser.get(ending).status_code == 200
    assert browser.post(ending, {"reason": ""}).status_code == 422
    assert fresh(row).ended_on is None
    assert browser.post(ending, {"reason": "到期"}).status_code == 303
    assert fresh(row).ended_on == clock.today()


@pytest.mark.parametrize(
    "address", ["/office/pairings", "/office/pairings.csv", "/office/pairings/new"]
)
def test_who_reads_the_office_pages(make, browser, address):
    for person in (make.person(), make.manager(make.station())):
        assert browser.sign_in(person).get(address).status_code == 403
    for role in (Role.CAMPAIGN_OFFICER, Role.ADMINISTRATOR):
        assert browser.sign_in(make.holder(role, make.centre())).get(address).status_code == 200


def test_an_officer_of_a_street_sees_that_street(make, browser, streets):
    Pair(make, station=streets["东湾"][1], name="东湾小学")
    Pair(make, station=streets["清溪"][1], name="清溪医院")
    browser.sign_in(officer(make, streets["东湾"][0]))
    for address in ("/office/pairings", "/office/pairings.csv"):
        text = browser.get(address).text
        assert "东湾小学" in text
        assert "清溪医院" not in text
    page = browser.get("/office/pairings/new").text
    assert "东湾乙社区" in page
    assert "清溪乙社区" not in page


# --- near and convenient ---------------------------------------------------------------------------


def test_units_are_suggested_by_nearness_and_paired_with_one_click(make, browser, streets):
    street, station, other = streets["东湾"]
    far = unit("清溪医院", place=streets["清溪"][1])
    near, beside = unit("甲小学", place=station), unit("乙小学", place=other)
    in_street, nowhere = unit("市政所", place=street), unit("数据公司")
    write(actions.pair, beside.id, other.id, actor=SYSTEM, now=clock.now())
    browser.sign_in(officer(make))
    page = browser.get(f"/office/pairings/new?station={station.public_id}").text
    order = [page.index(f"candidate-{row.public_id}")
             for row in (near, in_street, beside, far, nowhere)]  # fmt: skip
    assert order == sorted(order)
    for reason in ("就在这个社区", "在同一个街道", "在别的街道", "没有登记在哪里"):
        assert reason in page
    address, fields = pair_at(station, near)
    assert f'action="{address}"' in page
    assert browser.post(address, fields).status_code == 303
    assert "还没有联络员" in browser.get("/office/pairings").text
    page = browser.get(f"/office/pairings/new?station={station.public_id}").text
    assert f"candidate-{near.public_id}" not in page
    assert "现在有 1 个结对" in page
    page = browser.get(f"/office/pairings/new?station={station.public_id}&q=医院").text
    assert f"candidate-{far.public_id}" in page
    assert f"candidate-{in_street.public_id}" not in page


def test_communities_are_suggested_for_a_unit(make, browser, streets):
    _street, station, other = streets["东湾"]
    library = unit(place=other)
    browser.sign_in(officer(make))
    page = browser.get(f"/office/pairings/new?unit={library.public_id}").text
    order = [page.index(f"candidate-{row.public_id}")
             for row in (other, station, streets["清溪"][1])]  # fmt: skip
    assert order == sorted(order)
    browser.sign_in(officer(make, streets["清溪"][0]))
    page = browser.get(f"/office/pairings/new?unit={library.public_id}").text
    assert f"candidate-{other.public_id}" not in page
    address, fields = pair_at(other, library)
    assert browser.post(address, fields).status_code == 404


def test_who_has_too_few(make, browser, streets):
    pair = Pair(make, station=streets["东湾"][1], name="东湾小学")
    unit("没结对的单位")
    browser.sign_in(officer(make))
    page = browser.get("/office/pairings/new").text
    assert pair.station.name not in page
    assert streets["东湾"][2].name in page
    assert "没结对的单位" in page
    assert "东湾小学" not in page
    write(settings.change, "pairing_enough_units", 2, actor=SYSTEM, now=clock.now())
    page = browser.get("/office/pairings/new").text
    assert pair.station.name in page
    assert "单位不到 2 个的社区" in page
    for query in (
        "station=zzzzzzzzzz",
        "unit=zzzzzzzzzz",
        f"station={streets['东湾'][0].public_id}",
    ):
        assert browser.get(f"/office/pairings/new?{query}").status_code == 404


# --- the list --------------------------------------------------------------------------------------


def test_filters_and_numbers(make, browser, streets):
    first = Pair(make, station=streets["东湾"][1], name="东湾小学")
    second = Pair(make, station=streets["清溪"][1], name="清溪医院")
    hall = unit("文化馆", place=streets["清溪"][1], kind=UnitKind.ORGANISATION)
    write(actions.pair, hall.id, first.station.id, actor=SYSTEM, now=clock.now())
    first.agreed()
    first.propose(UNIT)
    second.add(COMMUNITY)
    browser.sign_in(officer(make))
    page = browser.get("/office/pairings").text
    assert "3 / 3" in page
    assert "计划中 1" in page
    assert "等对方同意 1" in page
    for query, inside, outside in (
        ("q=医院", "清溪医院", "东湾小学"),
        (f"station={streets['清溪'][0].public_id}", "清溪医院", "东湾小学"),
        ("kind=organisation", "文化馆", "清溪医院"),
    ):
        page = browser.get(f"/office/pairings?{query}").text
        assert inside in page
        assert outside not in page
    assert "没有找到这样的结对" in browser.get("/office/pairings?q=没有").text
    assert "没有已经结束的结对" in browser.get("/office/pairings?state=ended").text
    page = browser.get("/office/pairings?by=unit&kind=nonsense&page=0").text
    assert "文化馆" in page
    write(actions.end, second.row.id, "到期", actor=SYSTEM, now=clock.now())
    assert "清溪医院" in browser.get("/office/pairings?state=ended").text


def test_the_table_is_safe_for_a_spreadsheet(make, browser):
    pair = Pair(make, name="=HYPERLINK(1)")
    pair.agreed()
    browser.sign_in(officer(make))
    answer = browser.get("/office/pairings.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    header, row = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert len(header) == len(row)
    cells = dict(zip(header, row, strict=True))
    assert cells["单位"] == "'=HYPERLINK(1)"
    assert cells["计划中"] == "1"
    assert pair.liaison.name not in answer.text


def test_one_and_thirty_rows_ask_the_same(make, browser):
    person = officer(make)
    addresses = ("/office/pairings", "/office/pairings.csv", "/office/pairings/new")
    counts = []
    for number in (1, 29):
        for n in range(number):
            pair = Pair(make, name=f"单位{number}之{n}")
            pair.agreed()
            unit(f"没结对{number}之{n}")
        seen = []
        suggestion = f"/office/pairings/new?station={pair.station.public_id}"
        for address in (*addresses, suggestion):
            browser.sign_in(person)
            with count_queries() as queries:
                assert browser.get(address).status_code == 200
            seen.append(len(queries))
        counts.append(seen)
    assert counts[0] == counts[1]
    assert "第 1 页，共 2 页" in browser.get("/office/pairings").text
    assert browser.get("/office/pairings?page=2").status_code == 200
