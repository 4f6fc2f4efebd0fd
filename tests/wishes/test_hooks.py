from datetime import timedelta

from sqlalchemy import text, update

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.ref import Ref
from portal.org.models import Level
from portal.people import queries as people
from portal.records import notes, steps
from portal.site import personal
from portal.wishes import actions_desk, desk, hooks, queries, queries_desk
from portal.wishes import queries_pledges as pledges
from portal.wishes.actions import Contact
from portal.wishes.actions_pledges import Help
from portal.wishes.models import Filer, Wish, WishText
from portal.wishes.models_pledges import WishHelp
from tests.wishes.given import close, confirm, deliver, filed, fulfilled, pledge, published
from tests.wishes.test_filing import moves_of, told


def after(days):
    return clock.now() + timedelta(days=days)


# --- due -------------------------------------------------------------------------------------------


def test_a_pledger_is_reminded_once_for_each_promised_day(make):
    person = make.person()
    row = pledge(published(make.station()), person, days=5)
    hooks.due(after(2))
    assert told(person) == []
    for _twice in range(2):
        hooks.due(after(3))
    assert told(person) == ["pledge_due"]
    row.promised_on += timedelta(days=10)
    db.session.commit()
    hooks.due(after(13))
    assert told(person) == ["pledge_due"] * 2


def test_a_broken_promise_lapses_by_rule(make):
    person = make.person()
    wish = published(make.station())
    row = pledge(wish, person, days=5)
    hooks.due(after(8))
    assert row.state == "active"
    hooks.due(after(9))
    assert (row.state, wish.state) == ("lapsed", "published")
    assert told(person) == ["pledge_due", "pledge_lapsed"]


def raised_to(station):
    wanted = queries_desk.DeskFilter(frozenset({station.id}), queries_desk.RAISED)
    rows = queries_desk.listed(wanted, desk.moment(clock.now()), 1).rows
    return [one.wish.id for one in rows]


def test_an_unclaimed_wish_climbs_one_level_after_another(make):
    institute = make.station(level=Level.INSTITUTE)
    station = make.station(parent=institute)
    manager, chief = make.manager(institute), make.manager(make.centre())
    wish = published(station)
    assert raised_to(institute) == []
    hooks.due(after(6))
    assert wish.raised_to_id is None
    for _twice in range(2):
        hooks.due(after(7))
    assert wish.raised_to_id == institute.id
    assert raised_to(institute) == [wish.id]
    hooks.due(after(13))
    assert wish.raised_to_id == institute.id
    for days in (14, 21, 28):
        hooks.due(after(days))
    assert wish.raised_to_id == make.centre().id
    assert moves_of(wish)[-2:] == [("published", "raise", "published")] * 2
    assert [step.reason for step in steps.of(Ref("wish", wish.id))][-2:] == ["institute", "centre"]
    assert (told(manager), told(chief)) == (["wish_raised"], ["wish_raised"])


def test_a_wish_that_somebody_took_does_not_climb_and_waits_anew_when_it_comes_back(make):
    station = make.station()
    wish = published(station)
    pledge(wish, make.person(), days=5)
    hooks.due(after(8))
    assert (wish.state, wish.raised_to_id) == ("pledged", None)
    hooks.due(after(9))
    hooks.due(after(15))
    assert (wish.state, wish.raised_to_id) == ("published", None)
    hooks.due(after(16))
    assert wish.raised_to_id == make.centre().id


def test_what_nobody_wants_or_nobody_changes_expires(make):
    station, wisher = make.station(), make.person()
    unclaimed = published(station, wisher_id=wisher.id)
    partly = published(station, parts=("书包", "文具"))
    deliver(pledge(partly, make.person()))
    returned, untouched = filed(station), filed(station)
    write(actions_desk.send_back, returned.id, "写清楚", actor=SYSTEM, now=clock.now())
    hooks.due(after(89))
    assert {unclaimed.state, partly.state} == {"published"}
    for _twice in range(2):
        hooks.due(after(90))
    assert [one.state for one in (unclaimed, partly, returned, untouched)] == [
        "expired", "published", "expired", "filed",
    ]  # fmt: skip
    assert told(wisher)[-1] == "wish_expired"
    assert queries.wish_on_wall(unclaimed.public_id) is None


def test_half_a_year_after_the_end_nobody_knows_who_wished_without_a_record(make):
    station, wisher = make.station(), make.person()
    gone = close(confirm(fulfilled(station, make.person())))
    known = close(confirm(fulfilled(station, make.person(), wisher_id=wisher.id)))
    refused, live = filed(station), published(station, parts=("书包", "文具"))
    pledge(live, make.person(), days=30)
    write(actions_desk.reject, refused.id, "x", actor=SYSTEM, now=clock.now())
    hooks.due(after(179))
    assert queries.private_of(gone.id) is not None
    for _twice in range(2):
        hooks.due(after(180))
    db.session.expire_all()
    kept = [one for one in (gone, refused, known, live) if queries.private_of(one.id)]
    assert kept == [known, live]
    assert hooks.check() == []


# --- check -----------------------------------------------------------------------------------------


def test_what_does_not_agree_is_found(make):
    station, person = make.station(), make.volunteer(make.station())
    manager = make.manager(station)
    whole = published(station, parts=("书包", "文具"))
    pledge(whole, make.person())
    done = fulfilled(station, person, now=clock.now() - timedelta(hours=2))
    assert hooks.check() == []
    db.session.execute(update(Wish).where(Wish.id == whole.id).values(taken=0))
    db.session.execute(text("DELETE FROM wish_part WHERE number = 2"))
    db.session.execute(update(WishText).where(WishText.wish_id == done.id).values(text="别的"))
    row = pledges.all_of(done.id)[0]
    db.session.add(
        WishHelp(
            pledge_id=row.id, person_id=person.id, starts_at=clock.now(), minutes=5,
            approved_by_id=manager.id, credited_at=clock.now(),
        )
    )  # fmt: skip
    db.session.commit()
    lines = "\n".join(hooks.check())
    for words in ("taken is 0", "has 2 parts, but 1 rows", "public words", "no ledger entry"):
        assert words in lines


def test_a_live_pledge_of_a_wish_that_is_over_is_found(make):
    wish = published(make.station())
    row = pledge(wish, make.person())
    db.session.execute(update(Wish).where(Wish.id == wish.id).values(state="withdrawn"))
    db.session.commit()
    assert hooks.check() == [f"wish {wish.id} is withdrawn, its pledge {row.id} is active"]


# --- export and erasure ----------------------------------------------------------------------------


def test_the_legal_export_holds_wishes_and_pledges(make):
    station, wisher, person = make.station(), make.person(), make.person()
    wish = published(station, wisher_id=wisher.id, wisher=Contact("李桂兰", "13500001111"))
    row = pledge(wish, person)
    own = personal.gathered(wisher.id)["wishes"]
    assert [(one["id"], one["state"], one["phone"]) for one in own] == [
        (wish.public_id, "pledged", "13500001111")
    ]
    others = personal.gathered(person.id)
    assert others["wishes"] == []
    assert {key: others["pledges"][0][key] for key in ("id", "wish_id", "state")} == {
        "id": row.public_id, "wish_id": wish.public_id, "state": "active",
    }  # fmt: skip
    assert "李桂兰" not in str(others)


def erase(person):
    write(personal.erase, person.id, actor=people.actor_of(person), now=clock.now())


def test_erasing_a_wisher_empties_what_is_private_and_ends_open_wishes(make):
    station, wisher, helper = make.station(), make.person(), make.person()
    waits = filed(station, wisher_id=wisher.id)
    taken = published(station, wisher_id=wisher.id)
    row = pledge(taken, helper)
    done = fulfilled(station, make.person(), wisher_id=wisher.id)
    erase(wisher)
    assert [one.state for one in (waits, taken, done)] == ["withdrawn", "withdrawn", "fulfilled"]
    assert row.state == "returned"
    assert all(queries.private_of(one.id) is None for one in (waits, taken, done))
    assert told(helper) == ["wish_withdrawn"]
    assert notes.of(Ref("pledge", pledges.all_of(done.id)[0].id)) == []
    assert close(done, reason="许愿人已注销").state == "closed"
    assert hooks.check() == []


def test_erasing_a_pledger_gives_their_pledges_back(make):
    station, person = make.station(), make.person()
    wish = published(station)
    row = pledge(wish, person)
    erase(person)
    assert (row.state, wish.state) == ("returned", "published")
    assert hooks.check() == []


def test_erasing_who_filed_leaves_the_wish_to_its_wisher(make):
    station, daughter = make.station(), make.person()
    wish = filed(
        station, actor=make.actor(daughter), filer=Filer.RELATIVE,
        filer_contact=Contact("李小妹", "13600001111"),
    )  # fmt: skip
    erase(daughter)
    private = queries.private_of(wish.id)
    assert (wish.state, private.name) == ("filed", "李桂兰")
    assert (private.filer_name, private.filer_phone) == ("", "")


def test_erasing_a_helper_keeps_what_was_credited(make, time_machine):
    time_machine.move_to("2026-11-28T18:00:00+08:00", tick=False)
    station = make.station()
    person, manager = make.volunteer(station), make.manager(station)
    wish = fulfilled(station, person, Help(person.id, clock.now() - timedelta(hours=1), 30))
    close(confirm(wish), actor=make.actor(manager))
    erase(person)
    assert pledges.helps_for(wish.id)[0].credited_at is not None
    assert hooks.check() == []
