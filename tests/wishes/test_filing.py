from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.core import clock
from portal.core.access import VISITOR
from portal.core.db import db, write
from portal.core.errors import Invalid, Refused
from portal.core.ref import Ref
from portal.notices.texts import NOTICES
from portal.records import notes, search, settings, steps
from portal.records.audit import AuditEntry
from portal.records.outbox import OutboxRow
from portal.wishes import actions, actions_desk, numbers, queries
from portal.wishes.actions import Contact
from portal.wishes.actions_desk import PublicWords, Verified
from portal.wishes.models import Filer, Urgency, Way
from tests.wishes.given import WORDS, filed, filing, pledge, published, verified, wanted


def moves_of(row):
    return [(step.from_state, step.verb, step.to_state) for step in steps.of(Ref("wish", row.id))]


def told(person):
    rows = db.session.scalars(select(OutboxRow).where(OutboxRow.subject_kind == "wish"))
    return [row.payload["kind"] for row in rows if row.payload["person_id"] == person.id]


def verbs(kind="wish"):
    return list(db.session.scalars(select(AuditEntry.verb).where(AuditEntry.subject_kind == kind)))


def by_desk(make, station, action, row, *words):
    manager = make.manager(station)
    return write(action, row.id, *words, actor=make.actor(manager), now=clock.now())


# --- filing ----------------------------------------------------------------------------------------


def test_a_wish_needs_no_account_and_gets_a_number_to_keep(make):
    station = make.station()
    row = filed(station, actor=VISITOR, wisher=Contact("李桂兰", "13500001111"))
    assert (row.state, row.way, row.filer, row.filed_by_id) == ("filed", "web", "wisher", None)
    assert numbers.is_number(row.number)
    assert row.number.startswith(f"{settings.get('district_code')}{clock.today().year}")
    private = queries.private_of(row.id)
    assert (private.name, private.phone, private.why) == ("李桂兰", "13500001111", "腿脚不好")
    assert moves_of(row) == [("", "file", "filed")]
    assert verbs() == ["wish.file"]


def test_numbers_follow_each_other_and_begin_anew_each_year(make, time_machine):
    station = make.station()
    time_machine.move_to("2026-12-31T10:00:00+08:00", tick=False)
    running = [int(filed(station).number[8:-1]) for _n in range(3)]
    assert running == [running[0], running[0] + 1, running[0] + 2]
    time_machine.move_to("2027-01-01T10:00:00+08:00", tick=False)
    row = filed(station)
    assert row.number[4:-1] == "202700001"


def test_the_same_words_sent_twice_are_one_wish(make):
    station = make.station()
    given = filing(station)
    first, again = (
        write(actions.file, given, actor=VISITOR, now=clock.now()) for _twice in range(2)
    )
    assert again.id == first.id
    assert filed(station, wisher=given.wisher, wanted=wanted(what="想要一把伞")).id != first.id


def test_staff_and_relatives_file_for_others(make):
    station, wisher = make.station(), make.person()
    manager, daughter = make.manager(station), make.person()
    by_phone = filed(
        station, actor=make.actor(manager), way=Way.HOTLINE, filer=Filer.STAFF, wisher_id=wisher.id
    )
    assert (by_phone.wisher_id, by_phone.filed_by_id) == (wisher.id, manager.id)
    by_daughter = filed(
        station, actor=make.actor(daughter), filer=Filer.RELATIVE,
        filer_contact=Contact("李小妹", "13600001111"),
    )  # fmt: skip
    by_desk(make, station, actions_desk.send_back, by_daughter, "请写要什么尺寸")
    assert told(daughter) == ["wish_returned"]
    assert queries.tracked(by_daughter.number, "13600001111").id == by_daughter.id
    assert [row.id for row in queries.of_person(daughter.id)] == [by_daughter.id]


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"amount": 1000}, "amount"), ({"amount": 123}, "amount"), ({"amount": 500}, None),
     ({"amount": 0}, None)],
)  # fmt: skip
def test_the_band_stays_below_the_districts_ceiling(make, changes, field):
    station = make.station()
    if field is None:
        assert filed(station, wanted=wanted(**changes)).amount == changes["amount"]
        return
    with pytest.raises(Invalid) as invalid:
        filed(station, wanted=wanted(**changes))
    assert invalid.value.field == field


def test_the_ceiling_is_a_setting_and_a_wish_for_yesterday_is_none(make):
    station = make.station()
    with pytest.raises(Invalid) as invalid:
        filed(station, wanted=wanted(wished_on=clock.today() - timedelta(days=1)))
    assert invalid.value.field == "wished_on"
    write(settings.change, "wish_ceiling", 1000, actor=VISITOR, now=clock.now())
    assert filed(station, wanted=wanted(amount=1000)).amount == 1000


def test_who_files_for_themselves_without_consent_is_asked_for_it_first(make):
    from portal.people.models_consents import Channel, ConsentKind
    from portal.registration import actions as registration

    station, person = make.station(), make.person()
    actor = make.actor(person)
    write(
        registration.withdraw_consent, person.id, ConsentKind.NOTICE, Channel.WEB, actor=actor,
        now=clock.now(),
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        filed(station, actor=actor, wisher_id=person.id)
    assert refused.value.codes == ("consent_withdrawn",)


def test_a_wish_is_followed_by_number_and_phone_alone(make):
    row = filed(make.station(), wisher=Contact("李桂兰", "13500001111"))
    assert queries.tracked(row.number, "13500001111").id == row.id
    assert queries.tracked(row.number, "13500001112") is None
    assert queries.tracked(row.number, "") is None
    assert queries.tracked(row.number[:-1] + "x", "13500001111") is None


def test_a_wish_filed_twice_is_hinted_at(make):
    station, other = make.station(), make.station()
    row = filed(station, wisher=Contact("李桂兰", "13500001111"))
    same_phone = filed(other, wisher=Contact("张三", "13500001111"), wanted=wanted(what="一把伞"))
    same_name = filed(station, wisher=Contact("李桂兰", "13500002222"))
    filed(other, wisher=Contact("李桂兰", "13500003333"))
    assert [one.id for one in queries.similar("13500001111", "李桂兰", station.id, but=row.id)] == [
        same_phone.id,
        same_name.id,
    ]


# --- verifying -------------------------------------------------------------------------------------


def test_the_desk_asks_for_a_change_and_the_wisher_changes_it(make):
    station, person = make.station(), make.person()
    row = filed(station, wisher_id=person.id)
    by_desk(make, station, actions_desk.send_back, row, "请写要什么尺寸")
    assert row.state == "filed"
    assert row.returned_at is not None
    assert notes.latest(Ref("wish", row.id), "reason") == "请写要什么尺寸"
    assert told(person) == ["wish_returned"]
    anew = wanted("repair", what="修一下水龙头", urgency=Urgency.URGENT, amount=0)
    write(actions.change, row.id, anew, actor=make.actor(person), now=clock.now())
    assert (row.returned_at, row.urgency, row.kind.code) == (None, "urgent", "repair")
    assert queries.private_of(row.id).what == "修一下水龙头"
    assert [verb for _from, verb, _to in moves_of(row)] == ["file", "return", "change"]


def test_verifying_keeps_how_and_what_was_said(make):
    station = make.station()
    row = filed(station)
    for _twice in range(2):
        by_desk(make, station, actions_desk.verify, row, Verified.VISIT, "上门看过")
    assert row.state == "verified"
    assert [step.reason for step in steps.of(Ref("wish", row.id))] == ["", "visit"]
    assert notes.latest(Ref("wish", row.id), "verify") == "上门看过"


def test_a_refusal_has_a_reason_that_the_wisher_reads(make):
    station, person = make.station(), make.person()
    row = filed(station, wisher_id=person.id)
    by_desk(make, station, actions_desk.reject, row, "超出微心愿的范围")
    assert row.state == "rejected"
    assert told(person) == ["wish_rejected"]
    with pytest.raises(Refused):
        by_desk(make, station, actions_desk.verify, row, Verified.CALL, "")


@pytest.mark.parametrize("verb", ["verify", "send_back", "reject", "publish"])
def test_nobody_decides_on_the_own_wish(make, verb):
    station = make.station()
    manager = make.manager(station)
    row = filed(station, wisher_id=manager.id)
    words = {"verify": (Verified.CALL, ""), "publish": (WORDS,)}.get(verb, ("x",))
    with pytest.raises(Refused) as refused:
        write(
            getattr(actions_desk, verb), row.id, *words, actor=make.actor(manager), now=clock.now()
        )
    assert refused.value.codes == ("own_wish",)


# --- publishing ------------------------------------------------------------------------------------


def test_publishing_shows_other_words_than_the_wishers(make):
    station, person = make.station(), make.person()
    row = published(station, wisher_id=person.id)
    assert (row.state, row.alias, row.public_text) == ("published", WORDS.alias, WORDS.text)
    assert queries.private_of(row.id).what == "想要一根拐杖，放在家门口就行"
    assert [part.label for part in queries.parts_of(row.id)] == [""]
    assert told(person) == ["wish_published"]
    found = queries.listed(queries.Filter(words="防滑拐杖"), 1)
    assert [one.id for one in found.rows] == [row.id]
    assert queries.wish_on_wall(row.public_id).id == row.id


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        (PublicWords("一位老人", "请打 13500009999"), ("leaks",)),
        (PublicWords("一位老人", "住在3号楼", looked_over=True), ()),
        (PublicWords("一位老人", "请打 13500001111", looked_over=True), ("leaks",)),
        (PublicWords("李桂兰", "想要拐杖", looked_over=True), ("leaks",)),
        (PublicWords("一位老人", "想要拐杖", ("送到榕树里红房子",), True), ("leaks",)),
        (PublicWords("一位老人", "想要拐杖", ("13800009999",)), ("leaks",)),
    ],
)
def test_personal_data_in_public_words(make, words, codes):
    row = verified(
        make.station(), wisher=Contact("李桂兰", "13500001111"),
        wanted=wanted(address="榕树里红房子"),
    )  # fmt: skip
    if not codes:
        assert write(actions_desk.publish, row.id, words, actor=VISITOR, now=clock.now())
        return
    with pytest.raises(Refused) as refused:
        write(actions_desk.publish, row.id, words, actor=VISITOR, now=clock.now())
    assert refused.value.codes == codes
    assert queries.wish(row.id).state == "verified"


def test_both_versions_of_the_public_words_are_kept(make):
    station = make.station()
    row = published(station)
    anew = PublicWords("一位老人", "想要一根带凳子的拐杖。")
    by_desk(make, station, actions_desk.edit, row, anew)
    assert [(one.version, one.text) for one in queries.texts_of(row.id)] == [
        (1, WORDS.text), (2, anew.text),
    ]  # fmt: skip
    assert (row.alias, row.public_text) == (anew.alias, anew.text)
    assert list(db.session.scalars(search.matches("wish", "凳子"))) == [row.id]


def test_the_public_words_are_frozen_while_somebody_has_pledged(make):
    station = make.station()
    row = published(station, parts=("拐杖", "陪聊"))
    pledge(row, make.person())
    assert row.state == "published"
    with pytest.raises(Refused) as refused:
        by_desk(make, station, actions_desk.edit, row, WORDS)
    assert refused.value.codes == ("frozen",)


def test_at_most_ten_parts(make):
    row = verified(make.station())
    words = PublicWords("一位老人", "想要书", tuple(f"第{n}本" for n in range(11)))
    with pytest.raises(Invalid) as invalid:
        write(actions_desk.publish, row.id, words, actor=VISITOR, now=clock.now())
    assert invalid.value.field == "labels"


def test_what_is_not_on_the_wall_is_found_by_nobody(make):
    station = make.station()
    rows = [filed(station), verified(station)]
    gone = published(station)
    write(actions.withdraw, gone.id, "不用了", actor=VISITOR, now=clock.now())
    assert queries.listed(queries.Filter(), 1).rows == []
    assert all(queries.wish_on_wall(row.public_id) is None for row in [*rows, gone])
    assert list(db.session.scalars(search.matches("wish", "拐杖"))) == []


def test_withdrawing_frees_who_pledged(make):
    person, wisher = make.person(), make.person()
    row = published(make.station(), wisher_id=wisher.id)
    taken = pledge(row, person)
    for _twice in range(2):
        write(actions.withdraw, row.id, "好心邻居送了", actor=make.actor(wisher), now=clock.now())
    assert (row.state, row.taken, taken.state) == ("withdrawn", 0, "returned")
    assert told(person) == ["wish_withdrawn"]


def test_looking_at_what_is_private_is_written_down(make):
    station = make.station()
    manager = make.manager(station)
    row = filed(station)
    private = write(actions_desk.reveal, row.id, actor=make.actor(manager), now=clock.now())
    assert private.name == "李桂兰"
    assert verbs()[-1] == "wish.reveal"


def test_every_notice_has_words():
    kinds = {"returned", "rejected", "published", "pledged", "released", "fulfilled", "expired",
             "withdrawn", "reopened", "closed", "raised"}  # fmt: skip
    assert {f"wish_{kind}" for kind in kinds} | {"pledge_due", "pledge_lapsed"} <= set(NOTICES)
