"""Pages of close-outs: who sees them, what the form asks, as many queries for one as for thirty."""

import io
import re
from datetime import timedelta

import pytest

from portal.closeouts import queries
from portal.core import clock
from portal.core.access import Role
from tests.closeouts.given import NOON, counter, over, tell
from tests.support.queries import count_queries
from tests.wishes import pictures


@pytest.fixture(autouse=True)
def noon(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def station(make):
    return make.station()


def test_who_may_see_and_tell(make, browser, station):
    leader = make.manager(make.station())
    shift = over(make, station, open_crowd=True, leader_id=leader.id)
    paths = [f"/desk/shifts/{shift.public_id}/{page}" for page in ("closeout", "tally")]
    cases = [
        (make.manager(station), 200, 200),
        (make.holder(Role.ADMINISTRATOR, make.centre()), 200, 200),
        (leader, 200, 200),
        (make.manager(make.station()), 404, 200),
        (make.holder(Role.CAMPAIGN_OFFICER, make.centre()), 404, 403),
        (make.person(), 403, 403),
    ]
    for person, of_shift, of_list in cases:
        browser.sign_in(person)
        assert [browser.get(path).status_code for path in paths] == [of_shift] * 2
        assert browser.post(paths[0], {"then": "nothing", "seen": "9"}).status_code == (
            409 if of_shift == 200 else of_shift
        )
        assert browser.get("/desk/closeouts").status_code == of_list
    assert queries.latest(shift.id) is None
    browser.sign_in(cases[3][0])
    assert shift.offering.title not in browser.get("/desk/closeouts").text


def test_the_form_asks_only_what_applies_and_keeps_what_was_typed(make, browser, station):
    browser.sign_in(make.manager(station))
    plain, crowd = over(make, station), over(make, station, open_crowd=True, kind="reading")
    path = f"/desk/shifts/{plain.public_id}/closeout"
    page = browser.get(path).text
    assert 'name="number"' not in page
    first = page.index("别的成果")
    assert page.index("counter_waste") < first < page.index("counter_lent")
    for typed, words in (
        ({}, "什么都没有填"),
        ({"counter_waste": "1.234", "remark": "留着这句"}, "小数点后最多两位"),
        ({"counter_waste": "-1"}, "0 到 999999.99"),
        ({"counter_waste": "NaN"}, "请改这几处"),
        ({"quality": "9"}, "请改这几处"),
    ):
        answer = browser.post(path, {"then": "report", "seen": "0", **typed})
        assert answer.status_code == 422
        assert words in answer.text
        assert typed.get("remark", "") in answer.text
    answer = browser.post(path, {"then": "nothing", "seen": "0", "remark": "有的"})
    assert "请按「存好」" in answer.text
    browser.post(path, {"then": "report", "seen": "0", "counter_waste": "32.5", "quality": "4"})
    assert dict(queries.amounts(queries.latest(plain.id).id)) == {counter("waste"): 3250}
    assert "32.5 吨" in browser.get(path).text

    path = f"/desk/shifts/{crowd.public_id}/closeout"
    for typed, words in (
        ({"method": "counted"}, "请填人数"),
        ({"method": "none", "number": "5"}, "请选是数的还是估计的"),
    ):
        answer = browser.post(path, {"then": "report", "seen": "0", **typed})
        assert words in answer.text
    browser.post(path, {"then": "report", "seen": "0", "method": "none", "quality": "3"})
    assert queries.latest(crowd.id).headcount_id is None
    assert 'value="none" checked' in browser.get(path).text


def test_a_photo_needs_a_word_on_who_is_seen_and_is_for_the_station_alone(make, browser, station):
    shift = over(make, station)
    browser.sign_in(make.manager(station))
    path = f"/desk/shifts/{shift.public_id}/closeout"

    def sent(**fields):
        photo = (io.BytesIO(pictures.jpeg()), "a.jpg")
        return browser.post(path, {"then": "report", "seen": "0", "photo": photo, **fields})

    assert "有人不同意，就不要放照片" in sent().text
    assert sent(shown="agreed").status_code == 303
    address = re.search(r"/desk/closeouts/photos/\w+", browser.get(path).text).group()
    assert browser.get(address).mimetype == "image/jpeg"
    stranger = make.manager(make.station())
    browser.sign_in(stranger)
    assert browser.get(address).status_code == 404
    browser.sign_in(make.manager(station))
    assert browser.post(f"{address}/removal").status_code == 303
    assert browser.get(address).status_code == 404


def test_lists_ask_as_often_for_one_as_for_thirty(make, browser, station):
    browser.sign_in(make.manager(station))
    paths = [f"/desk/closeouts?state={one}" for one in ("open", "late", "done", "nonsense")]
    activity = make.activity(station, open_crowd=True)

    def asked():
        browser.get(paths[0])  # small tables are read anew once something was written
        found = []
        for path in paths:
            with count_queries() as seen:
                assert browser.get(path).status_code == 200
            found.append(len(seen))
        return found

    def some(count):
        for number in range(count):
            ago = timedelta(days=20, minutes=number)
            over(make, activity=activity, ago=ago)
            tell(over(make, activity=activity, ago=ago), quality=3, now=clock.now())

    assert "都填好了" in browser.get("/desk/closeouts").text
    some(1)
    first = asked()
    some(29)
    assert asked() == first
    page = browser.get("/desk").text
    assert "30 场还没有收尾" in page
    browser.sign_in(make.holder(Role.CAMPAIGN_OFFICER, make.centre()))
    assert re.search(
        r'id="waiting-closeouts">.*?<span class="count">30', browser.get("/office").text, re.DOTALL
    )
