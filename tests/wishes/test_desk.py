"""The station's desk of wishes: the list, filing on behalf, each step, who is kept out."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.core import clock
from portal.core.access import SYSTEM, Role
from portal.core.db import db, write
from portal.people import actions as people_actions
from portal.records.audit import AuditEntry
from portal.wishes import actions_desk, actions_stories, numbers, queries
from portal.wishes import queries_pledges as pledges
from portal.wishes.actions import Contact
from portal.wishes.actions_pledges import Help
from portal.wishes.models import ConfirmWay, Wish
from portal.wishes.models_stories import WishStory
from tests.support.queries import count_queries
from tests.wishes.given import (
    confirm,
    deliver,
    filed,
    fulfilled,
    pledge,
    published,
    verified,
    wanted,
)

WHO = Contact("李桂兰", "13500001111")


def path(wish, rest=""):
    return f"/desk/wishes/{wish.public_id}{rest}"


def verbs(wish):
    query = select(AuditEntry.verb).where(
        AuditEntry.subject_kind == "wish", AuditEntry.subject_id == wish.id
    )
    return db.session.scalars(query.order_by(AuditEntry.id)).all()


@pytest.fixture
def station(make):
    return make.station("和平社区实践站")


@pytest.fixture
def desk(make, browser, station):
    """A manager at the desk of the station."""
    return browser.sign_in(make.manager(station))


# --- who may -----------------------------------------------------------------------------------------

STEPS = (
    (filed, "/verification", {"how": "call", "verify_note": "电话里说清楚了"}, "verified"),
    (filed, "/return", {"change_note": "请写尺寸"}, "filed"),
    (filed, "/rejection", {"reject_reason": "不在范围"}, "rejected"),
    (filed, "/withdrawal", {"withdraw_reason": "自己买了"}, "withdrawn"),
    (verified, "/publication", {"alias": "一位老人", "text": "想要一根拐杖。"}, "published"),
    (published, "/words", {"alias": "一位老人", "text": "想要一根轻便的拐杖。"}, "published"),
)
END_STEPS = (
    ("/confirmation", {"satisfaction": "5"}, "confirmed"),
    ("/reopening", {"shortfall": "还差一颗螺丝"}, "pledged"),
    ("/closing", {"close_reason": "本人已搬走，邻居证明"}, "closed"),
)


@pytest.mark.parametrize("address", ["/desk/wishes", "/desk/wishes/new", "/desk/wishes/print"])
def test_who_may_keep_wishes(make, browser, station, address):
    for person in (make.person(), make.holder(Role.CAMPAIGN_OFFICER, make.centre())):
        assert browser.sign_in(person).get(address).status_code == 403
    for role in (Role.STATION_MANAGER, Role.ADMINISTRATOR):
        assert browser.sign_in(make.holder(role, station)).get(address).status_code == 200


@pytest.mark.parametrize(("given", "part", "fields", "state"), STEPS)
def test_each_step_for_the_station_and_for_no_other(  # noqa: PLR0917  fixtures
    make, browser, station, given, part, fields, state
):
    wish = given(station)
    browser.sign_in(make.manager(make.station()))
    for rest in ("", "/slip", "/change"):
        assert browser.get(path(wish, rest)).status_code == 404
    for rest in (part, "/reveal"):
        assert browser.post(path(wish, rest), fields).status_code == 404
    browser.sign_in(make.manager(station))
    assert part.rsplit("/", 1)[1] in browser.get(path(wish)).text
    assert browser.post(path(wish, part), fields).status_code == 303
    assert wish.state == state
    assert browser.get(path(wish)).status_code == 200


@pytest.mark.parametrize(("part", "fields", "state"), END_STEPS)
def test_each_step_at_the_end(make, browser, station, part, fields, state):
    wish = fulfilled(station, make.person())
    browser.sign_in(make.manager(make.station()))
    assert browser.post(path(wish, part), fields).status_code == 404
    browser.sign_in(make.manager(station))
    assert part.strip("/") in browser.get(path(wish)).text
    assert browser.post(path(wish, part), fields).status_code == 303
    assert wish.state == state


@pytest.mark.parametrize(
    ("given", "part", "field"),
    [
        (filed, "/verification", "how"),
        (filed, "/return", "change_note"),
        (filed, "/rejection", "reject_reason"),
        (filed, "/withdrawal", "withdraw_reason"),
        (verified, "/publication", "alias"),
        (published, "/words", "text"),
    ],
)
def test_an_empty_form_is_said_beside_the_field(desk, station, given, part, field):
    wish = given(station)
    response = desk.post(path(wish, part), {})
    assert response.status_code == 422
    assert f'id="{field}' in response.text
    assert "错误：" in response.text


def test_nobody_decides_on_their_own_wish(make, browser, station):
    manager = make.manager(station)
    wish = filed(station, wisher_id=manager.id)
    browser.sign_in(manager)
    page = browser.get(path(wish)).text
    assert "这是您自己的心愿" in page
    assert "/verification" not in page
    assert browser.post(path(wish, "/verification"), {"how": "call"}).status_code == 409
    assert wish.state == "filed"


# --- the list ----------------------------------------------------------------------------------------


def test_the_list_shows_the_subtree_overdue_first(make, browser, station):
    beside = make.station()
    late = filed(station, now=clock.now() - timedelta(days=20))
    fresh = filed(station)
    other = filed(beside)
    browser.sign_in(make.manager(station))
    page = browser.get("/desk/wishes").text
    assert page.index(late.number) < page.index(fresh.number)
    assert other.number not in page
    assert page.count("超期") == 1
    assert "过了日子" in page
    browser.sign_in(make.manager(make.centre()))
    page = browser.get("/desk/wishes").text
    assert all(one.number in page for one in (late, fresh, other))


def test_the_list_is_filtered_by_state_and_by_whose_move_it_is(make, desk, station):
    mine, taken = filed(station), published(station)
    pledge(taken, make.person())
    done = confirm(fulfilled(station, make.person()))
    for state, shown in (("pledged", taken), ("filed", mine), ("confirmed", done)):
        page = desk.get(f"/desk/wishes?state={state}").text
        assert [one for one in (mine, taken, done) if one.number in page] == [shown]
    page = desk.get("/desk/wishes?state=here").text
    assert mine.number in page
    assert done.number in page
    assert taken.number not in page
    assert "没有这样的心愿" in desk.get("/desk/wishes?state=expired").text
    assert desk.get("/desk/wishes?state=nonsense").status_code == 200


def test_a_wish_is_found_by_number_name_or_phone_and_masked_in_the_list(desk, station):
    wish = filed(station, wisher=WHO)
    other = filed(station, wisher=Contact("王建国", "13500002222"))
    for words in (wish.number, WHO.name, WHO.phone):
        page = desk.get(f"/desk/wishes?q={words}").text
        assert wish.public_id in page
        assert other.public_id not in page
    page = desk.get("/desk/wishes").text
    assert WHO.name not in page
    assert WHO.phone not in page
    assert "李*" in page


def test_an_empty_desk_says_what_to_do(desk):
    assert "还没有心愿" in desk.get("/desk/wishes").text


@pytest.mark.parametrize(
    "address", ["/desk/wishes", "/desk/wishes?state=here", "/desk/wishes/print"]
)
def test_one_row_and_thirty_ask_the_same(make, desk, station, address):
    pledge(published(station), make.person())
    desk.get(address)
    with count_queries() as few:
        desk.get(address)
    for _ in range(29):
        pledge(published(station), make.person(account=False))
        filed(station)
    desk.get(address)  # what every page keeps is read anew once
    with count_queries() as many:
        desk.get(address)
    assert len(many) == len(few)


def test_the_desk_counts_what_waits(make, browser, station):
    filed(station, now=clock.now() - timedelta(days=20))
    confirm(fulfilled(station, make.person()))
    page = browser.sign_in(make.manager(station)).get("/desk").text
    assert "2 个心愿要办" in page
    assert "1 件超期" in page
    assert "个心愿要办" not in browser.sign_in(make.manager(make.station())).get("/desk").text


def test_the_printed_list_names_nobody(make, desk, station):
    wish = published(station, wisher=WHO)
    page = desk.get("/desk/wishes/print").text
    assert wish.number in page
    assert WHO.name not in page
    assert "李*" not in page


# --- filing on behalf --------------------------------------------------------------------------------


def typed(station, **changes):
    values = {
        "way": "phone", "filer": "staff", "kind": "things", "what": "想要一把伞", "amount": "50",
        "urgency": "soon", "station": station.public_id, "name": "李桂兰", "phone": "13500001111",
        "consent": "y",
    }  # fmt: skip
    return values | changes


@pytest.mark.parametrize("way", ["phone", "desk", "visit", "hotline"])
def test_the_desk_files_for_who_called_came_or_was_visited(desk, station, way):
    response = desk.post("/desk/wishes/new", typed(station, way=way))
    row = db.session.scalars(select(Wish)).one()
    assert (response.status_code, response.location) == (303, path(row))
    assert (row.way, row.filer, row.wisher_id, row.state) == (way, "staff", None, "filed")


def test_a_manager_files_for_no_other_station(make, desk, station):
    response = desk.post("/desk/wishes/new", typed(make.station()))
    assert response.status_code == 422
    assert db.session.scalars(select(Wish)).all() == []


def test_what_is_typed_is_kept_and_consent_is_asked(desk, station):
    response = desk.post("/desk/wishes/new", typed(station, consent=""))
    assert response.status_code == 422
    assert "想要一把伞" in response.text


def test_a_relative_at_the_desk_follows_it_and_not_who_typed(make, browser, station):
    relative, manager = make.person("王小妹"), make.manager(station)
    write(people_actions.confirm_phone, relative.id, actor=SYSTEM, now=clock.now())
    browser.sign_in(manager)
    fields = typed(station, filer="relative", filer_name="王小妹", filer_phone=relative.phone)
    assert browser.post("/desk/wishes/new", fields).status_code == 303
    row = db.session.scalars(select(Wish)).one()
    assert (row.filed_by_id, row.filer) == (relative.id, "relative")
    assert "想要一把伞" in browser.sign_in(relative).get("/me/wishes").text
    assert "想要一把伞" not in browser.sign_in(manager).get("/me/wishes").text
    fields = typed(station, filer="relative", filer_name="", what="另一件")
    assert browser.post("/desk/wishes/new", fields).status_code == 422


def test_only_a_confirmed_phone_makes_it_the_persons_own(make, browser, station):
    person = make.person("李桂兰", phone="13500001111")
    browser.sign_in(make.manager(station))
    browser.post("/desk/wishes/new", typed(station))
    write(people_actions.confirm_phone, person.id, actor=SYSTEM, now=clock.now())
    browser.post("/desk/wishes/new", typed(station, what="想要拐杖", is_another="1"))
    owners = db.session.scalars(select(Wish.wisher_id).order_by(Wish.id)).all()
    assert owners == [None, person.id]


def test_a_similar_wish_is_shown_before_another_is_filed(desk, station):
    before = filed(station, wisher=WHO)
    response = desk.post("/desk/wishes/new", typed(station))
    assert response.status_code == 200
    assert before.number in response.text
    assert "好像登记过了" in response.text
    assert "想要一把伞" in response.text
    assert len(db.session.scalars(select(Wish)).all()) == 1
    assert desk.post("/desk/wishes/new", typed(station, is_another="1")).status_code == 303
    later = db.session.scalars(select(Wish).order_by(Wish.id.desc())).first()
    assert before.number in desk.get(path(later)).text


# --- one ---------------------------------------------------------------------------------------------


def test_the_contact_is_masked_until_revealed_and_the_look_is_written_down(desk, station):
    wish = filed(station, wisher=WHO, wanted=wanted(address="榕树里红房子"))
    page = desk.get(path(wish)).text
    assert "135****1111" in page
    for secret in (WHO.name, WHO.phone, "榕树里红房子"):
        assert secret not in page
    page = desk.post(path(wish, "/reveal")).text
    for secret in (WHO.name, WHO.phone, "榕树里红房子"):
        assert secret in page
    assert verbs(wish)[-1] == "wish.reveal"


def test_the_slip_has_number_link_and_code_and_no_name(desk, station):
    wish = filed(station, wisher=WHO)
    page = desk.get(path(wish, "/slip")).text
    assert numbers.confirmation_code(wish.number) in page
    assert f"http://localhost/wishes/track?number={wish.number}" in page
    assert '<svg class="qr"' in page
    assert WHO.name not in page


def test_words_that_tell_who_wishes_must_be_looked_over(desk, station):
    wish = verified(station, wisher=WHO)
    words = {"alias": "一位老人", "text": "住在榕树里 3 号楼，想要一根拐杖。"}
    response = desk.post(path(wish, "/publication"), words)
    assert (response.status_code, wish.state) == (409, "verified")
    assert "像住址" in response.text
    assert 'name="looked_over"' in response.text
    assert "榕树里 3 号楼" in response.text
    assert desk.post(path(wish, "/publication"), {**words, "looked_over": "y"}).status_code == 303
    assert wish.state == "published"


def test_the_wishers_own_name_is_never_let_through(desk, station):
    wish = verified(station, wisher=WHO)
    words = {"alias": "一位老人", "text": "李桂兰想要拐杖", "looked_over": "y"}
    assert desk.post(path(wish, "/publication"), words).status_code == 409
    assert wish.state == "verified"


def test_parts_are_lines(desk, station):
    wish = verified(station)
    words = {"alias": "一位老人", "text": "想要米和陪诊。", "labels": "一袋米\n\n陪诊 2 小时\n"}
    assert desk.post(path(wish, "/publication"), words).status_code == 303
    assert [one.label for one in queries.parts_of(wish.id)] == ["一袋米", "陪诊 2 小时"]
    wish = verified(station)
    words["labels"] = "\n".join(f"第{n}份" for n in range(11))
    assert desk.post(path(wish, "/publication"), words).status_code == 422
    assert desk.post(path(wish, "/publication"), {**words, "labels": "长" * 41}).status_code == 422


def test_both_versions_of_the_public_words_are_seen_and_pledged_words_stay(make, desk, station):
    wish = published(station)
    words = {"alias": "一位老人", "text": "想要一根轻便的拐杖。"}
    desk.post(path(wish, "/words"), words)
    page = desk.get(path(wish)).text
    assert "想要一根轻便的拐杖。" in page
    assert "想要一根防滑拐杖。" in page
    assert "想要一根拐杖，放在家门口就行" in page
    pledge(wish, make.person())
    assert "/words" not in desk.get(path(wish)).text
    assert desk.post(path(wish, "/words"), words).status_code == 409


def test_the_wish_is_changed_together_before_it_is_verified(desk, station):
    wish = filed(station)
    assert 'value="things" checked' in desk.get(path(wish, "/change")).text
    fields = {"kind": "repair", "what": "修拐杖", "amount": "0", "urgency": "urgent"}
    assert desk.post(path(wish, "/change"), {**fields, "what": ""}).status_code == 422
    assert desk.post(path(wish, "/change"), fields).status_code == 303
    assert (wish.kind.code, wish.urgency, queries.private_of(wish.id).what) == (
        "repair", "urgent", "修拐杖",
    )  # fmt: skip
    write(actions_desk.reject, wish.id, "不办", actor=SYSTEM, now=clock.now())
    assert desk.get(path(wish, "/change")).status_code == 409


def test_the_history_tells_who_when_and_why(make, browser, station):
    manager = make.holder(Role.STATION_MANAGER, station, name="何站长")
    wish = filed(station)
    browser.sign_in(manager)
    browser.post(path(wish, "/verification"), {"how": "visit", "verify_note": "去看过了"})
    page = browser.get(path(wish)).text
    assert "上门核实 · 去看过了" in page
    assert "何站长" in page


def test_a_pledge_is_ended_on_behalf_by_the_station_alone(make, browser, station):
    row = pledge(published(station), make.person())
    address = f"/desk/wishes/pledges/{row.public_id}/return"
    browser.sign_in(make.manager(make.station()))
    assert browser.post(address, {"reason": "他出差"}).status_code == 404
    browser.sign_in(make.manager(station))
    assert browser.post(address, {}).status_code == 422
    assert browser.post(address, {"reason": "他出差"}).status_code == 303
    assert (row.state, row.wish.state) == ("returned", "published")
    assert "他出差" in browser.get(path(row.wish)).text


# --- the end -----------------------------------------------------------------------------------------


def test_the_code_at_the_desk_proves_and_a_wrong_one_does_not(make, desk, station):
    wish = fulfilled(station, make.person())
    fields = {"satisfaction": "4", "code": "000000"}
    assert desk.post(path(wish, "/confirmation"), fields).status_code == 409
    fields["code"] = numbers.confirmation_code(wish.number)
    assert desk.post(path(wish, "/confirmation"), fields).status_code == 303
    assert (wish.state, wish.confirmed_by, wish.satisfaction) == ("confirmed", "code", 4)


def test_closing_credits_the_hours_and_needs_a_reason_without_the_wishers_word(make, desk, station):
    helper = make.volunteer(station)
    begun = clock.now() - timedelta(hours=3)
    wish = published(station, now=begun - timedelta(days=1))
    row = pledge(wish, helper, now=begun - timedelta(hours=1))
    deliver(row, Help(helper.id, begun, 60))
    assert desk.post(path(wish, "/closing"), {}).status_code == 422
    assert wish.state == "fulfilled"
    confirm(wish)
    assert desk.post(path(wish, "/closing"), {}).status_code == 303
    assert wish.state == "closed"
    assert [one.credited_at is not None for one in pledges.helps_of(row.id)] == [True]


def test_who_helped_neither_confirms_nor_closes(make, browser, station):
    manager = make.manager(station)
    wish = fulfilled(station, manager)
    browser.sign_in(manager)
    assert browser.post(path(wish, "/confirmation"), {"satisfaction": "5"}).status_code == 409
    assert browser.post(path(wish, "/closing"), {"close_reason": "好了"}).status_code == 409
    assert wish.state == "fulfilled"


# --- the story ---------------------------------------------------------------------------------------


def test_a_story_needs_the_wishers_consent_and_no_name(make, browser, station):
    wish = confirm(fulfilled(station, make.person(), wisher=WHO))
    browser.sign_in(make.manager(station))
    story = {"story": "想要一根拐杖，邻居送来了。"}
    assert browser.post(path(wish, "/story"), story).status_code == 409
    assert browser.post(path(wish, "/consent"), {}).status_code == 422
    assert browser.post(path(wish, "/consent"), {"told": "words"}).status_code == 303
    leaking = {"story": "李桂兰想要一根拐杖。", "story_looked_over": "y"}
    assert browser.post(path(wish, "/story"), leaking).status_code == 409
    assert "邻居送来了" not in browser.client.get("/wishes/stories").text
    assert browser.post(path(wish, "/story"), story).status_code == 303
    assert "邻居送来了" in browser.get("/wishes/stories").text
    browser.post(path(wish, "/consent"), {"told": "no"})
    assert db.session.get(WishStory, wish.id) is None
    assert "邻居送来了" not in browser.get("/wishes/stories").text
    assert verbs(wish)[-3:] == ["wish.agree_story", "wish.tell", "wish.take_back_story"]


def test_a_story_is_told_only_of_what_came_true(make, station):
    wish = published(station)
    with pytest.raises(actions_stories.Refused) as caught:
        write(
            actions_stories.agree, wish.id, ConfirmWay.CALL_BACK, with_photo=False,
            actor=SYSTEM, now=clock.now(),
        )  # fmt: skip
    assert caught.value.codes == ("not_done",)
