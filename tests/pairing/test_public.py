from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import write
from portal.pairing import actions, actions_projects
from tests.pairing.given import UNIT, Pair
from tests.support.queries import count_queries


def pages(pair):
    return ("/pairings", f"/stations/{pair.station.public_id}")


def test_units_and_what_was_done_are_told_and_nobody_is_named(make, browser):
    pair = Pair(make)
    done, planned = pair.agreed(title="摆好大字书"), pair.agreed(title="还没办的事")
    pair.act(UNIT, actions_projects.finish, done.id, "由魏老师送来。")
    for address in pages(pair):
        text = browser.get(address).text
        assert pair.unit.name in text
        assert "摆好大字书" in text
        for hidden in (
            planned.title,
            "魏老师",
            pair.liaison.name,
            pair.manager.name,
            "大字书</h3>",
        ):
            assert hidden not in text


def test_without_units_the_station_says_nothing_and_the_overview_says_so(make, browser):
    station = make.station()
    assert "结对单位" not in browser.get(f"/stations/{station.public_id}").text
    assert "还没有单位和社区结对" in browser.get("/pairings").text


def test_an_ended_pairing_is_told_no_more(make, browser):
    pair = Pair(make)
    write(actions.end, pair.row.id, "到期", actor=SYSTEM, now=clock.now())
    for address in pages(pair):
        assert pair.unit.name not in browser.get(address).text


def test_the_copy_is_kept_until_something_changes(make, browser):
    pair = Pair(make)
    for address in pages(pair):
        first = browser.get(address)
        assert first.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
        assert "Set-Cookie" not in first.headers
        again = browser.get(address, headers={"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304
    Pair(make, station=pair.station, name="别的单位")
    for address in pages(pair):
        assert "别的单位" in browser.get(address).text


def test_one_and_thirty_communities_ask_the_same(make, browser):
    counts = []
    for number in (1, 29):
        for n in range(number):
            pair = Pair(make, name=f"单位{number}之{n}")
            done = pair.agreed(title=f"事情{n}")
            pair.act(UNIT, actions_projects.finish, done.id, "好了。")
        with count_queries() as seen:
            assert browser.get("/pairings").status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]
