"""A photo of a delivery: who sees it, with whose consent, and where it ends."""

import io

import pytest
from sqlalchemy import func, select

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.records import files
from portal.records.files import StoredFile
from portal.site import personal
from portal.wishes import actions_due, actions_stories
from portal.wishes.models import ConfirmWay
from portal.wishes.models_stories import Shown, WishPhoto
from tests.wishes import pictures
from tests.wishes.given import confirm, deliver, pledge, published


def photographed(wish, person):
    row = pledge(wish, person)
    deliver(row)
    return add(row), row


def add(row, data=None):
    picture = files.picture(data or pictures.jpeg(size=(800, 600)))
    return write(
        actions_stories.add_photo, row.id, picture, Shown.NOBODY, actor=SYSTEM, now=clock.now()
    )


def upload(data, name="photo.jpg"):
    return (io.BytesIO(data), name)


def count():
    return (
        db.session.scalar(select(func.count()).select_from(WishPhoto)),
        db.session.scalar(select(func.count()).select_from(StoredFile)),
    )


@pytest.fixture
def station(make):
    return make.station()


@pytest.fixture
def own(make, browser, station):
    person = make.person()
    browser.sign_in(person)
    return pledge(published(station), person)


def test_a_photo_comes_with_the_delivery_and_the_consent_of_who_is_shown(browser, own):
    path = f"/pledges/{own.public_id}/delivery"
    response = browser.post(path, {"photo": upload(pictures.jpeg())})
    assert (response.status_code, own.state) == (422, "active")
    assert "请说明照片里有谁" in response.text
    fields = {"photo": upload(pictures.jpeg()), "shown": "agreed", "note": "送到了"}
    assert browser.post(path, fields).status_code == 303
    photo = db.session.scalars(select(WishPhoto)).one()
    assert (own.state, photo.shown, count()) == ("fulfilled", "agreed", (1, 1))
    again = {"photo": upload(pictures.jpeg()), "shown": "agreed"}
    assert browser.post(path, again).status_code == 303
    assert count() == (1, 1)


# More than half a megabyte makes the client open a temporary file that it never closes.
MUCH = 400_000


@pytest.mark.parametrize("data", [b"no picture", pictures.bomb(), b"\xff\xd8" + b"x" * MUCH])
def test_a_bad_photo_gets_a_sentence_and_what_was_typed_stays(browser, own, monkeypatch, data):
    monkeypatch.setattr(files, "MOST_BYTES", MUCH)
    fields = {"photo": upload(data), "shown": "nobody", "note": "放在门口了"}
    response = browser.post(f"/pledges/{own.public_id}/delivery", fields)
    assert (response.status_code, own.state, count()) == (422, "active", (0, 0))
    assert "放在门口了" in response.text


def test_more_than_a_request_may_hold_gets_a_page(browser, own, app, monkeypatch):
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", MUCH)
    fields = {"photo": upload(b"x" * (MUCH + 1)), "shown": "nobody"}
    response = browser.post(f"/pledges/{own.public_id}/delivery", fields)
    assert response.status_code == 413
    assert "内容太大" in response.text


def test_no_photo_is_needed(browser, own):
    assert browser.post(f"/pledges/{own.public_id}/delivery", {"note": "好了"}).status_code == 303
    assert count() == (0, 0)


def test_only_the_wishs_own_people_and_the_station_see_a_photo(make, browser, station):
    wisher, helper = make.person(), make.person()
    wish = published(station, wisher_id=wisher.id)
    photo, _row = photographed(wish, helper)
    path = f"/wishes/photos/{photo.public_id}"
    assert browser.get(path).status_code == 404
    for person in (make.person(), make.manager(make.station())):
        browser.sign_in(person)
        assert browser.get(path).status_code == 404
        assert browser.post(path + "/removal").status_code == 403
    for person in (wisher, helper, make.manager(station)):
        response = browser.sign_in(person).get(path)
        assert response.status_code == 200
        assert response.headers["Content-Type"] == "image/jpeg"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response.headers["Content-Security-Policy"]
        assert response.headers["Cache-Control"] == "no-store"
        assert len(response.data) <= files.SMALL_BYTES
        assert browser.get(path + "?size=whole").status_code == 200
        on_page = photo.public_id in browser.get(f"/wishes/{wish.public_id}").text
        assert on_page == (person is not helper)


def test_everybody_sees_it_only_while_the_story_is_told_with_photos(make, browser, station):
    wish = published(station)
    photo, _row = photographed(wish, make.person())
    confirm(wish)
    path = f"/wishes/photos/{photo.public_id}"
    told = "想要一根拐杖，邻居送来了。"
    for with_photo, status in ((False, 404), (True, 200)):
        write(
            actions_stories.agree, wish.id, ConfirmWay.CALL_BACK, with_photo=with_photo,
            actor=SYSTEM, now=clock.now(),
        )  # fmt: skip
        write(actions_stories.tell, wish.id, told, looked_over=True, actor=SYSTEM, now=clock.now())
        assert browser.get(path).status_code == status
        page = browser.get("/wishes/stories").text
        assert told in page
        assert (photo.public_id in page) == with_photo
    write(actions_stories.take_back, wish.id, actor=SYSTEM, now=clock.now())
    assert browser.get(path).status_code == 404
    assert photo.public_id not in browser.get("/wishes").text


def test_whoever_is_concerned_deletes_it_with_its_bytes(make, browser, station):
    helper = make.person()
    photo, row = photographed(published(station), helper)
    browser.sign_in(helper)
    assert photo.public_id in browser.get(f"/pledges/{row.public_id}").text
    response = browser.post(f"/wishes/photos/{photo.public_id}/removal", {"next": "/me/pledges"})
    assert (response.status_code, response.location) == (303, "/me/pledges")
    assert count() == (0, 0)


def test_three_photos_are_enough(make, station):
    _photo, row = photographed(published(station), make.person())
    add(row)
    add(row)
    with pytest.raises(actions_stories.Invalid):
        add(row)
    assert count() == (3, 3)


def test_erasing_the_pledger_or_forgetting_the_wish_deletes_photos(make, station):
    helper = make.person()
    photographed(published(station), helper)
    gone = published(station)
    photographed(gone, make.person())
    write(personal.erase, helper.id, actor=SYSTEM, now=clock.now())
    assert count() == (1, 1)
    write(actions_due.forget, gone.id, actor=SYSTEM, now=clock.now())
    assert count() == (0, 0)
