"""What the desk's scan page shows: counts, other shifts, people found by name, words for its script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from portal.attendance import queries, queries_desk, roster, snapshot
from portal.attendance.models import Direction
from portal.core import clock, filters
from portal.core.i18n import gettext as _
from portal.shifts.models import Shift

MOST_FOUND = 10
# Other shifts of the station that begin or end this near are one tap away.
NEAR = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Other:
    """Another shift of the station, to scan for instead."""

    shift_id: str
    when: str
    title: str


@dataclass(frozen=True, slots=True)
class Look:
    """The whole page. `said` is what became of a scan that was sent as a form."""

    shift_id: str
    title: str
    when: str
    direction: Direction
    expected: int
    came: int
    others: Sequence[Other]
    scan_id: str
    expires_at: str
    said: str = ""
    code: str = ""


def look(shift: Shift, direction: Direction, now: datetime, said: str = "", code: str = "") -> Look:
    """Return what the page shows; `code` is what was typed and could not be used."""
    came, _gone, expected = queries.counts(shift.id)
    near = queries_desk.shifts_near(shift.station_id, now - NEAR, now + NEAR)
    return Look(
        shift_id=shift.public_id,
        title=shift.offering.title,
        when=filters.when(shift.starts_at, shift.ends_at),
        direction=direction,
        expected=expected,
        came=came,
        others=[_other(row) for row in near if row.id != shift.id],
        scan_id=str(uuid4()),
        expires_at=clock.local(snapshot.expires_at(shift)).isoformat(),
        said=said,
        code=code,
    )


def _other(shift: Shift) -> Other:
    when = filters.when(shift.starts_at, shift.ends_at)
    return Other(shift.public_id, when, shift.offering.title)


def found(shift: Shift, asked: str, now: datetime) -> Sequence[roster.Row]:
    """Return the people of the roster whose name holds what was asked, each with the next step."""
    if not asked:
        return []
    rows = roster.roster(shift, now).rows
    return [row for row in rows if asked.casefold() in row.name.casefold()][:MOST_FOUND]


def words() -> dict[str, str]:
    """Return what the page's script says."""
    return {
        "in": _("签到"),
        "out": _("签退"),
        "sending": _("正在交给服务器…"),
        "confirmed_in": _("已签到"),
        "confirmed_out": _("已签退"),
        "kept": _("先存在这台手机上，还没有确认"),
        "kept_detail": _("有网络时自动交上去。"),
        "kept_unknown": _("手机里的名单没有这个码。先存着，联网后核对。"),
        "kept_twice": _("这台手机上已经记过了，不用再扫。"),
        "person": _("要人看一下"),
        "no_code": _("这不是签到码。请扫「我的签到码」，或者输入六位码。"),
        "no_picture": _("照片里没有认出签到码。请靠近一点、对准再拍一张。"),
        "online": _("已联网，扫完马上交。"),
        "offline": _("没有网络。扫的先存在这台手机上，联网后自动交。"),
        "offline_no_roster": _("没有网络，手机里也没有名单：照样可以扫，只是看不到名字。"),
        "no_find": _("没有网络时不能按名字找。请扫码，或者输入六位码。"),
        "sign_in": _("登录已经结束，或者没有权限。存着的不会丢：请登录后再打开这一页。"),
        "busy": _("服务器忙，过一会儿自动再交。"),
        "no_keep": _("这个浏览器不能存东西：只能在有网络时扫，请不要关掉这一页。"),
        "no_secure": _("这个网址不是 https：没有网络时不能用，有网络时照常。"),
        "no_camera": _("打不开摄像头。可以拍照、用扫码枪，或者输入六位码。"),
        "camera_on": _("摄像头开着，把码对准框里。"),
        "torch_on": _("开手电筒"),
        "torch_off": _("关手电筒"),
        "refused_whole": _("服务器没有收下（%(status)s）。", status="{status}"),
        "skew": _("这台手机的时间差了 %(n)s 分钟。请把时间设为自动。", n="{n}"),
        "again": _("再交一次"),
        "settled": _("处理好了"),
        "unknown": _("名单外的码"),
        "imported": _("从文件里放进来 %(n)s 条。", n="{n}"),
        "no_file": _("这个文件不是这一场的扫码记录。"),
    }
