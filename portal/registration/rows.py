"""People who signed a paper, as rows of a table: who is new, who is on record, who may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from portal.core import clock, rows
from portal.core.access import Actor
from portal.core.forms import normal_phone
from portal.core.i18n import gettext as _
from portal.core.rows import YES_NO, Fate, Finding, Judged
from portal.core.sheets import Column, Line
from portal.records import settings
from portal.registration import actions_rows, application, queries_rows
from portal.registration.actions_rows import Signed
from portal.registration.forms_rows import RowForm
from portal.registration.queries_rows import OnRecord, Records
from portal.registration.rules import Sameness
from portal.registration.words import SAMENESS_WORDS

COLUMNS = (
    Column("name", ("姓名", "名字", "真实姓名", "name"), needed=True),
    Column("phone", ("手机号", "手机", "电话", "联系电话", "手机号码", "phone")),
    Column("birth_date", ("出生日期", "生日", "birth date"), needed=True, is_day=True),
    Column("volunteer", ("做志愿者", "志愿者", "volunteer"), needed=True),
    Column(
        "consented_on", ("纸质同意书日期", "同意日期", "consent date"), needed=True, is_day=True
    ),
    Column("guardian_name", ("监护人姓名", "监护人", "guardian")),
    Column("guardian_phone", ("监护人手机号", "监护人电话", "guardian phone")),
    Column("guardian_consent", ("监护人同意", "guardian consent")),
)
OF_ID_NUMBER = (
    Column("id_number", ("身份证号", "身份证", "证件号码", "id number")),
    Column("id_number_consent", ("同意收集身份证号", "id number consent")),
)
_YES_NO = ("volunteer", "guardian_consent", "id_number_consent")
_READERS = dict.fromkeys(_YES_NO, rows.yes) | dict.fromkeys(
    ("birth_date", "consented_on"), rows.day
)


class _Own(NamedTuple):
    """By what a row is known: the same as with a record."""

    phone: str
    born: tuple[str, date]
    id_hash: str


def columns() -> Sequence[Column]:
    """Return the columns; the district may not want ID numbers at all."""
    return COLUMNS if settings.get("id_number") == "off" else (*COLUMNS, *OF_ID_NUMBER)


def allowed() -> dict[str, list[str]]:
    """Return what may stand in some columns."""
    words = [str(one) for one in YES_NO]
    return {column.name: words for column in columns() if column.name in _YES_NO}


def example() -> Mapping[str, str]:
    """Return the template's example."""
    return {
        "name": "示例：王示范",
        "phone": "13800000000",
        "birth_date": "1956-03-21",
        "volunteer": str(YES_NO[0]),
        "consented_on": clock.today().isoformat(),
    }


def check(
    lines: Sequence[Line],
    station_id: int,  # noqa: ARG001  every sort of row is asked alike
    *,
    actor: Actor,  # noqa: ARG001
    now: datetime,  # noqa: ARG001
) -> list[Judged]:
    """Judge each row by itself, then against the rows above it and what is on record."""
    wanted, minimum = settings.get("id_number"), settings.get("volunteer_minimum_age")
    judged = [_read(line, wanted, minimum) for line in lines]
    own = [_own(row.value) if row.value else None for row in judged]
    known = [one for one in own if one]
    records = queries_rows.records(
        {one.phone for one in known if one.phone},
        {one.born for one in known},
        {one.id_hash for one in known if one.id_hash},
    )
    seen: dict[object, int] = {}
    return [
        _compared(row, one, records, seen) if one else row
        for row, one in zip(judged, own, strict=True)
    ]


def _read(line: Line, id_number_wanted: str, minimum_age: int) -> Judged:
    label = line.cells.get("name", "")
    form, unclear = rows.fill(RowForm, line.cells, _READERS)
    form.ask_id_number(id_number_wanted)
    form.minimum_age = minimum_age
    found = rows.findings(form, unclear)
    if found:
        return rows.wrong(line, label, *found)
    signed = Signed(
        name=str(form.name.data),
        phone=form.phone.data or None,
        birth_on=form.birth_date.data,
        signed_on=form.consented_on.data,
        is_volunteer=bool(form.volunteer.data),
        id_number=(form.id_number.data or "") if "id_number" in form else "",
        guardian=form.guardian(),
    )
    return Judged(line, label, Fate.NEW, value=signed)


def _own(said: Signed) -> _Own:
    hashed = application.id_number_hash(said.id_number) if said.id_number else ""
    return _Own(normal_phone(said.phone), (said.name, said.birth_on), hashed)


def _compared(row: Judged, own: _Own, records: Records, seen: dict[object, int]) -> Judged:
    number = row.line.number
    firsts = [seen.setdefault(key, number) for key in (own.born, own.id_hash) if key]
    if min(firsts) != number:
        message = _("和第 %(n)d 行是同一个人，请只留一行", n=min(firsts))
        return rows.wrong(row.line, row.label, Finding("name", message))
    said: Signed = row.value
    alike = {
        one.person_id: one
        for found in (
            records.by_phone.get(own.phone, []),
            records.by_name_and_birth.get(own.born, []),
            records.by_id_hash.get(own.id_hash, []),
        )
        for one in found
    }
    same = next((one for one in alike.values() if _is_same(one, said, own)), None)
    if same is not None:
        return _on_record(row, same)
    by = {kind for one in alike.values() for kind in _sameness(one, said, own)}
    if by - {Sameness.PHONE} or any(one.name == said.name for one in alike.values()):
        words = "、".join(str(SAMENESS_WORDS[kind]) for kind in Sameness if kind in by)
        message = _(
            "已经有一份档案像是同一个人（%(by)s），系统不会自己合并。请在窗口核对，再从表里删掉这一行",
            by=words,
        )
        return Judged(row.line, row.label, Fate.CHANGED, (Finding("", message),))
    if by:
        message = _("另一份档案也用这个手机号。一家人可以共用，导入以后是两份档案")
        return Judged(row.line, row.label, Fate.NEW, (Finding("phone", message),), said)
    return row


def _is_same(one: OnRecord, said: Signed, own: _Own) -> bool:
    """Return whether a record is the row's person: name, birth date, and no other phone or number."""
    phones, hashes = {one.phone, said.phone} - {None}, {one.id_hash, own.id_hash} - {None, ""}
    return (one.name, one.birth_on) == own.born and len(phones) < 2 and len(hashes) < 2


def _sameness(one: OnRecord, said: Signed, own: _Own) -> set[Sameness]:
    agree = {
        Sameness.PHONE: bool(own.phone) and one.phone == said.phone,
        Sameness.ID_NUMBER: bool(own.id_hash) and one.id_hash == own.id_hash,
        Sameness.NAME_AND_BIRTH: (one.name, one.birth_on) == own.born,
    }
    return {kind for kind, holds in agree.items() if holds}


def _on_record(row: Judged, same: OnRecord) -> Judged:
    said: Signed = row.value
    if same.is_volunteer or not said.is_volunteer:
        return Judged(row.line, row.label, Fate.SAME)
    message = _("已经有档案，还没有申请做志愿者。请到“代办志愿者登记”替他申请，再从表里删掉这一行")
    return Judged(row.line, row.label, Fate.CHANGED, (Finding("volunteer", message),))


def take(judged: Sequence[Judged], station_id: int, *, actor: Actor, now: datetime) -> None:
    """Put everybody on record; volunteers' applications wait at the station's desk."""
    actions_rows.record_signed([row.value for row in judged], station_id, actor=actor, now=now)
