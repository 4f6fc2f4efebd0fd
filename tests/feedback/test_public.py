import re
from datetime import timedelta

import pytest

from portal.core import clock, ids
from portal.core.db import db, write
from portal.feedback import actions, contact
from portal.feedback.contact import Contact
from portal.feedback.models import Feedback
from portal.records import limits, notes
from tests.feedback.filed import PHONE, WORDS, file, fresh
from tests.support.queries import count_queries


def typed(**changes):
    """Return the fields of the public form, filled in."""
    return {
        "kind": "suggestion",
        "words": WORDS,
        "name": "王先生",
        "phone": PHONE,
        "key": ids.code(20),
        **changes,
    }


def filed():
    return db.session.query(Feedback).order_by(Feedback.id.desc()).all()


# --- the form --------------------------------------------------------------------------------------


def test_the_page_keeps_the_telephones(browser, make):
    make.station("幸福社区实践站")
    page = browser.get("/feedback").text
    assert "0755-0000000" in page
    assert "0755-1234567" in page
    assert "幸福社区实践站" in page
    for kind in ("建议", "投诉", "表扬", "网站不好用", "其他"):
        assert kind in page


def test_every_page_links_to_it(browser, make):
    make.centre()
    assert 'href="/feedback?about=/activities"' in browser.get("/activities?q=清洁").text
    assert 'href="/feedback"' in browser.get("/feedback").text
    page = browser.get(f"/stations/{make.centre().public_id}").text
    assert f'href="/feedback?station={make.centre().public_id}"' in page


def test_station_and_page_are_chosen_beforehand(browser, make):
    station = make.station()
    page = browser.get(f"/feedback?station={station.public_id}&about=/activities").text
    assert f'<option selected value="{station.public_id}">' in page
    assert 'name="about" type="hidden" value="/activities"' in page


@pytest.mark.parametrize(
    "query",
    ["station=zzzzzzzzzz", "about=//evil.example", "about=https://evil.example/", "about=/\\evil",
     "about=/" + "a" * 200, "station=&about=", "station=%22%3E&about=javascript:alert(1)"],
)  # fmt: skip
def test_what_is_none_of_ours_is_left_out(browser, make, query):
    make.station()
    page = browser.get(f"/feedback?{query}").text
    assert '<option selected value="">' in page
    assert re.search(r'name="about" type="hidden" value=""', page)
    assert "evil" not in page.split("<main", 1)[1].split("</main>", 1)[0]


def test_a_visitor_files_and_gets_a_number(browser, make):
    station = make.station("和平社区实践站")
    response = browser.post(
        "/feedback", typed(station=station.public_id, about=f"/stations/{station.public_id}")
    )
    assert response.status_code == 303
    assert response.location.startswith("/feedback/track/")
    (row,) = filed()
    assert (row.station_id, row.about_path) == (station.id, f"/stations/{station.public_id}")
    assert contact.of(row) == Contact("王先生", PHONE)
    assert row.person_id is None
    page = browser.get(response.location)
    assert page.headers["Cache-Control"] == "no-store"
    assert f"{row.number[:4]} {row.number[4:]}" in page.text
    assert contact.code_of(row.number) not in page.text
    assert "已经收到" in page.text
    assert WORDS in page.text
    assert "和平社区实践站" in page.text


def test_without_a_phone_there_is_a_code(browser, make):
    make.centre()
    response = browser.post("/feedback", typed(phone="", name=""))
    (row,) = filed()
    assert row.contact_sealed is None
    assert contact.code_of(row.number) in browser.get(response.location).text


def test_a_form_sent_twice_is_filed_once(browser, make):
    make.centre()
    fields = typed()
    for _twice in range(2):
        assert browser.post("/feedback", fields).status_code == 303
    assert len(filed()) == 1
    for key in ("", "1" * 20, "x" * 21, "<script>"):
        assert browser.post("/feedback", typed(key=key)).status_code == 303
    assert len(filed()) == 5


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"kind": ""}, "请选择是哪一类"),
        ({"kind": "nonsense"}, "nonsense"),
        ({"words": ""}, "请填写这一项"),
        ({"words": " \n　 "}, "请填写这一项"),
        ({"words": "字" * 1001}, "最多 1000 个字"),
        ({"phone": "12345"}, "手机号是 11 位数字"),
        ({"name": "长" * 41}, "最多 40 个字"),
        ({"station": "zzzzzzzzzz"}, "请从列表中选择一项"),
        ({"about_staff": "y"}, "请在上面选“投诉”"),
        ({"about_staff": "y", "kind": "complaint"}, "由它的上一级来答复"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(browser, make, changes, sentence):
    make.centre()
    response = browser.post("/feedback", typed(**changes))
    assert response.status_code == 422
    if changes != {"kind": "nonsense"}:
        assert sentence in response.text
    assert "王先生" in response.text or "name" in changes
    assert filed() == []


@pytest.mark.parametrize(
    "words",
    ["字" * 1000, "a\r\nb\r\nc", "🙂" * 500, "<script>alert(1)</script>", "%s %(n)d {{ 1 }}",
     "\u202eabc", "' OR 1=1 --", "x\x07y"],
)  # fmt: skip
def test_strange_words_are_kept_and_shown_as_words(browser, make, words):
    make.centre()
    response = browser.post("/feedback", typed(words=words))
    assert response.status_code == 303
    page = browser.get(response.location).text
    assert "<script>alert" not in page
    (row,) = filed()
    kept = notes.latest(actions.ref(row), "file")
    assert kept
    assert len(kept) <= 1000


def test_a_complaint_about_staff(browser, make):
    station = make.station()
    fields = typed(kind="complaint", station=station.public_id, about_staff="y")
    assert browser.post("/feedback", fields).status_code == 303
    assert filed()[0].about_staff


def test_it_is_limited_by_address(browser, make):
    make.centre()
    for _each in range(limits.FEEDBACK_ADDRESS.most):
        assert browser.post("/feedback", typed()).status_code == 303
    response = browser.post("/feedback", typed())
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) > 0
    assert len(filed()) == limits.FEEDBACK_ADDRESS.most


def test_a_signed_in_person_gives_no_contact(browser, make):
    make.centre()
    person = make.person()
    browser.sign_in(person)
    page = browser.get("/feedback").text
    assert 'name="phone"' not in page
    response = browser.post("/feedback", typed())
    (row,) = filed()
    assert row.person_id == person.id
    assert row.contact_sealed is None
    assert response.location == f"/me/feedback/{row.public_id}"


# --- following -----------------------------------------------------------------------------------------


def track(browser, number, proof):
    return browser.post("/feedback/track", {"number": number, "proof": proof})


def test_number_and_phone_lead_to_it(browser, make):
    row = file(make)
    for number in (row.number, f"{row.number[:4]} {row.number[4:]}"):
        response = track(browser, number, "138 1234 5678")
        assert response.status_code == 303
        assert WORDS in browser.get(response.location).text


def test_number_and_code_lead_to_it_where_no_phone_was_given(browser, make):
    row = file(make, phone="", name="")
    assert track(browser, row.number, contact.code_of(row.number)).status_code == 303
    with_phone = file(make)
    code = contact.code_of(with_phone.number)
    assert track(browser, with_phone.number, code).status_code == 422


def test_the_phone_of_an_account_does_as_well(browser, make):
    person = make.person(phone="13700009999")
    row = file(make, person=person)
    assert track(browser, row.number, "13700009999").status_code == 303


def test_an_unknown_number_and_a_wrong_proof_are_told_alike(browser, make):
    row = file(make)
    unknown = "00000000" if row.number != "00000000" else "00000001"
    first, second = track(browser, row.number, "13800000000"), track(browser, unknown, PHONE)
    assert first.status_code == second.status_code == 422
    assert "对不上" in first.text
    plain = [re.sub(r'value="[^"]*"', "", page.text) for page in (first, second)]
    assert plain[0] == plain[1]


@pytest.mark.parametrize("number", ["", "x" * 500, "１２３", "' OR 1=1", "-1"])
@pytest.mark.parametrize("proof", ["", "x" * 500, "手机"])
def test_strange_numbers_are_not_found(browser, make, number, proof):
    file(make)
    assert track(browser, number, proof).status_code == 422


def test_guessing_is_limited_by_number_and_by_address(browser, make):
    row = file(make)
    for _each in range(limits.FEEDBACK_TRACK_NUMBER.most):
        assert track(browser, row.number, "13800000000").status_code == 422
    assert track(browser, row.number, PHONE).status_code == 429
    left = limits.FEEDBACK_TRACK_ADDRESS.most - limits.FEEDBACK_TRACK_NUMBER.most
    for each in range(left):
        assert track(browser, f"{each:08d}", PHONE).status_code == 422
    assert track(browser, "99999999", PHONE).status_code == 429


def test_looking_oneself_up_is_not_limited(browser, make):
    row = file(make)
    for _each in range(limits.FEEDBACK_TRACK_NUMBER.most + 2):
        assert track(browser, row.number, PHONE).status_code == 303


def test_the_page_closes_after_an_hour(browser, make, time_machine):
    began = clock.now()
    time_machine.move_to(began, tick=False)
    path = f"/feedback/track/{contact.followed(file(make))}"
    assert browser.get(path).status_code == 200
    time_machine.move_to(began + timedelta(seconds=contact.FOLLOWED_SECONDS + 2), tick=False)
    for suffix in ("", "/withdrawal", "/reopening"):
        response = browser.post(path + suffix) if suffix else browser.get(path)
        assert (response.status_code, response.location) == (303, "/feedback/track")


def test_a_token_of_anothers_making_opens_nothing(browser, make):
    row = file(make)
    for token in (row.public_id, row.number, "x.y.z", contact.followed(row)[:-2] + "aa"):
        assert browser.get(f"/feedback/track/{token}").status_code == 303


def test_the_path_is_not_logged(browser, make, caplog):
    token = contact.followed(file(make))
    with caplog.at_level("INFO"):
        browser.get(f"/feedback/track/{token}")
    assert token not in " ".join(str(record.__dict__) for record in caplog.records)


def test_withdrawing_by_number(browser, make):
    row = file(make)
    path = f"/feedback/track/{contact.followed(row)}"
    for _twice in range(2):
        assert browser.post(f"{path}/withdrawal").status_code == 303
    assert fresh(row).state == "withdrawn"
    assert "/withdrawal" not in browser.get(path).text


def test_the_result_is_told_and_it_is_reopened_once(browser, make):
    station = make.station()
    row = file(make, station=station)
    path = f"/feedback/track/{contact.followed(row)}"
    manager = make.actor(make.manager(station))
    write(actions.decline, row.id, "路灯归供电局管。", actor=manager, now=clock.now())
    page = browser.get(path).text
    assert "办不了" in page
    assert "路灯归供电局管。" in page
    assert browser.post(f"{path}/reopening", {"words": " "}).status_code == 422
    assert browser.post(f"{path}/reopening", {"words": "字" * 501}).status_code == 422
    assert browser.post(f"{path}/reopening", {"words": "请再问问。"}).status_code == 303
    write(actions.answer, row.id, "问过了。", actor=manager, now=clock.now())
    page = browser.get(path).text
    assert "/reopening" not in page
    assert "问过了。" in page
    assert browser.post(f"{path}/reopening", {"words": "再来。"}).status_code == 409


def test_what_stations_tell_each_other_is_not_for_who_filed(browser, make):
    station = make.station()
    beside = make.station("桥头社区实践站")
    row = file(make, station=station)
    write(
        actions.hand_over, row.id, beside.public_id, "这人很难缠。",
        actor=make.actor(make.manager(station)), now=clock.now(),
    )  # fmt: skip
    page = browser.get(f"/feedback/track/{contact.followed(row)}").text
    assert "转给桥头社区实践站" in page
    assert "难缠" not in page


def test_the_forms_ask_the_same_with_one_and_thirty_stations(browser, make):
    counts = []
    for number in (1, 29):
        for _each in range(number):
            make.station()
        browser.get("/login")
        with count_queries() as seen:
            browser.get("/feedback")
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_in_english_and_without_javascript(browser, make):
    make.centre()
    browser.client.set_cookie("lang", "en")
    page = browser.get("/feedback").text
    assert "Suggestion" in page
    assert "hx-" not in page.split("<main", 1)[1].split("</main>", 1)[0]
