import pytest
from sqlalchemy import select

from portal.core import clock
from portal.core.db import db
from portal.wishes import queries
from portal.wishes.actions import Contact
from portal.wishes.models import Wish
from tests.wishes.given import fulfilled, published


def typed(station, /, **changes):
    values = {
        "filer": "wisher", "kind": "things", "what": "想要一把伞", "why": "旧的坏了", "amount": "50",
        "urgency": "soon", "wished_on": "", "station": station.public_id, "name": "李桂兰",
        "phone": "135 0000 1111", "address": "和平路 1 号", "consent": "y",
    }  # fmt: skip
    return values | changes


def only_wish():
    return db.session.scalars(select(Wish)).one()


def test_a_visitor_files_a_wish_and_gets_its_number(browser, make):
    station = make.station()
    browser.get("/wishes/new")
    response = browser.post("/wishes/new", typed(station))
    row = only_wish()
    assert (response.status_code, response.location) == (303, f"/wishes/track?number={row.number}")
    assert (row.state, row.way, row.wisher_id, row.amount) == ("filed", "web", None, 50)
    assert queries.private_of(row.id).phone == "13500001111"
    assert row.number in browser.get(response.location).text


def test_who_is_signed_in_files_for_themselves_or_a_relative(browser, make):
    station, person = make.station(), make.person("王小妹")
    browser.sign_in(person)
    assert "王小妹" in browser.get("/wishes/new").text
    browser.post("/wishes/new", typed(station))
    assert only_wish().wisher_id == person.id
    relative = typed(
        station, filer="relative", what="想要拐杖", filer_name="王小妹", filer_phone=person.phone
    )
    assert browser.post("/wishes/new", relative).status_code == 303
    row = queries.of_person(person.id)[0]
    assert (row.filer, row.wisher_id, row.filed_by_id) == ("relative", None, person.id)


@pytest.mark.parametrize(
    ("field", "value"),
    [("what", " "), ("kind", "gold"), ("amount", "1000"), ("station", ""), ("name", ""),
     ("phone", "12345"), ("consent", ""), ("wished_on", "2020-01-01"), ("urgency", "now")],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_the_field_and_nothing_typed_is_lost(
    browser, make, field, value
):
    browser.get("/wishes/new")
    response = browser.post("/wishes/new", typed(make.station(), **{field: value}))
    assert response.status_code == 422
    assert f'id="{field}-error"' in response.text
    assert "旧的坏了" in response.text
    assert db.session.scalars(select(Wish)).all() == []


def test_a_relative_says_who_they_are(browser, make):
    browser.get("/wishes/new")
    response = browser.post("/wishes/new", typed(make.station(), filer="relative"))
    assert response.status_code == 422
    assert 'id="filer_name-error"' in response.text


def test_following_a_wish_by_number_and_phone(browser, make):
    row = published(make.station(), wisher=Contact("李桂兰", "13500001111"))
    browser.get("/wishes/track")
    page = browser.post("/wishes/track", {"number": row.number, "phone": "13500001111"})
    assert page.status_code == 200
    assert "上了心愿墙" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert "李桂兰" not in page.text


def test_a_wrong_phone_and_an_unknown_number_are_told_alike_and_counted(browser, make):
    row = published(make.station(), wisher=Contact("李桂兰", "13500001111"))
    browser.get("/wishes/track")
    asked = {"number": row.number, "phone": "13500001112"}
    first = browser.post("/wishes/track", asked)
    assert (first.status_code, "对不上" in first.text) == (422, True)
    for _n in range(9):
        browser.post("/wishes/track", asked)
    assert browser.post("/wishes/track", asked | {"phone": "13500001111"}).status_code == 429
    slip = row.number[:-1] + str((int(row.number[-1]) + 1) % 10)
    page = browser.post("/wishes/track", {"number": slip, "phone": "13500001111"})
    assert (page.status_code, "编号不对" in page.text) == (422, True)


def test_the_wisher_confirms_by_number_and_phone(browser, make):
    row = fulfilled(make.station(), make.person(), wisher=Contact("李桂兰", "13500001111"))
    browser.get("/wishes/track")
    proof = {"number": row.number, "phone": "13500001111"}
    assert 'name="satisfaction"' in browser.post("/wishes/track", proof).text
    path = "/wishes/track/confirmation"
    assert browser.post(path, proof).status_code == 422
    wrong = proof | {"phone": "13500001112", "satisfaction": "5"}
    assert browser.post(path, wrong).status_code == 422
    assert row.state == "fulfilled"
    assert browser.post(path, proof | {"satisfaction": "4"}).status_code == 303
    assert (row.state, row.satisfaction, row.confirmed_by) == ("confirmed", 4, "number_and_phone")


def test_the_present_day_may_be_wished_for(browser, make):
    browser.get("/wishes/new")
    today = clock.today()
    response = browser.post("/wishes/new", typed(make.station(), wished_on=today.isoformat()))
    assert response.status_code == 303
    assert only_wish().wished_on == today
