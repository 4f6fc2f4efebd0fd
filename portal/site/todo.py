"""What waits at a desk for somebody to decide: a row for each sort, with the way to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from portal.activities import policy as activity_policy
from portal.activities import queries as activities
from portal.arrivals import queries_claims, queries_paper, queries_walk_ins
from portal.arrivals.models_paper import BatchState
from portal.attendance import decisions
from portal.closeouts import queries_open as closeouts
from portal.core import clock
from portal.core.access import Actor, Role
from portal.core.i18n import gettext as _
from portal.corrections import policy as correction_policy
from portal.corrections import queries_desk as corrections
from portal.feedback import policy as feedback_policy
from portal.feedback import queries as feedback
from portal.pairing import policy as pairing_policy
from portal.pairing import queries_office as pairing
from portal.people import queries as people
from portal.people import queries_teams as teams
from portal.posts import policy as post_policy
from portal.posts import queries as posts
from portal.services import policy as order_policy
from portal.services import queries as orders
from portal.shifts.rules import LARGE, last_day_to_apply
from portal.signups import queries_calls as calls
from portal.signups import queries_missed
from portal.wishes import desk as wish_desk
from portal.wishes import policy as wish_policy
from portal.wishes import queries_desk as wishes


@dataclass(frozen=True, slots=True)
class Task:
    """So much of one sort waits; `late` is how many of it are over their day, in words."""

    title: str
    words: str
    way: str
    href: str
    late: str = ""


def tasks(actor: Actor, now: datetime) -> list[Task]:
    """Return what waits for this actor; sorts of which nothing waits are left out."""
    return [task for find in _SORTS for task in find(actor, now)]


def kept(actor: Actor) -> list[int]:
    """Return the ids of the stations whose desk the actor keeps."""
    return sorted(actor.stations(Role.STATION_MANAGER, Role.ADMINISTRATOR))


def _decisions(actor: Actor, now: datetime) -> Iterator[Task]:
    count = len(decisions.at_stations(kept(actor), actor, now)) if kept(actor) else 0
    if count:
        words = _("%(n)d 人的到场和时长等您点一下", n=count)
        yield Task(_("等您决定"), words, _("去决定"), "/desk/decisions")


def _feedback(actor: Actor, now: datetime) -> Iterator[Task]:
    if not feedback_policy.keeps_feedback(actor):
        return
    found = feedback.waiting_for(actor, clock.local_day(now))
    if found.count:
        words, late = _("%(n)d 件等待答复", n=found.count), _late(found.overdue)
        yield Task(_("意见建议"), words, _("去答复"), "/desk/feedback", late)


def _corrections(actor: Actor, now: datetime) -> Iterator[Task]:
    """What waits for this actor as a second person; of a station's own people for the office."""
    if not correction_policy.keeps_corrections(actor):
        return
    found = corrections.waiting_for(actor, clock.local_day(now))
    if found.count:
        words, late = _("%(n)d 件等待答复", n=found.count), _late(found.overdue)
        manages = actor.holds(Role.STATION_MANAGER)
        href = "/desk/corrections" if manages else "/office/corrections"
        yield Task(_("补录和更正"), words, _("去答复"), href, late)


def _appeals(actor: Actor, now: datetime) -> Iterator[Task]:  # noqa: ARG001  a sort's form
    count = queries_missed.count_open(kept(actor)) if kept(actor) else 0
    if count:
        words = _("%(n)d 件等待答复", n=count)
        yield Task(_("缺席申诉"), words, _("去答复"), "/desk/appeals")


def _wishes(actor: Actor, now: datetime) -> Iterator[Task]:
    if not wish_policy.keeps_wishes(actor):
        return
    found = wishes.waiting(kept(actor), wish_desk.moment(now))
    if found.here or found.raised:
        words = _("%(n)d 个心愿要办", n=found.here)
        if found.raised:
            words += " · " + _("下面交上来 %(n)d 个", n=found.raised)
        href = "/desk/wishes?state=here"
        yield Task(_("心愿"), words, _("去办理"), href, _late(found.overdue))


def _orders(actor: Actor, now: datetime) -> Iterator[Task]:
    station_ids = actor.stations(*order_policy.KEEPERS)
    if not station_ids:
        return
    found = orders.waiting_at(station_ids, clock.local_day(now))
    if found.count or found.overdue:
        words = _("%(n)d 单等待站点处理", n=found.count)
        late = _("%(n)d 单超期", n=found.overdue) if found.overdue else ""
        yield Task(_("点单"), words, _("去派单"), "/desk/orders", late)


def _applications(actor: Actor, now: datetime) -> Iterator[Task]:  # noqa: ARG001  one of many
    count = people.applications_waiting(kept(actor))
    if count:
        words = _("%(n)d 份等待处理", n=count)
        yield Task(_("志愿者申请"), words, _("去处理"), "/desk/volunteers")


def _closeouts(actor: Actor, now: datetime) -> Iterator[Task]:
    """What is over is told of once, within the working days for it."""
    found = closeouts.waiting_at(kept(actor), now) if kept(actor) else None
    if found and found.count:
        words = _("%(n)d 场还没有收尾", n=found.count)
        late = _("%(n)d 场超期", n=found.late) if found.late else ""
        yield Task(_("活动收尾"), words, _("去填"), "/desk/closeouts", late)


def _reviews(actor: Actor, now: datetime) -> Iterator[Task]:  # noqa: ARG001  one of many
    reviewable = sorted(actor.stations(Role.STATION_MANAGER, Role.CAMPAIGN_OFFICER))
    rows = activities.in_review(reviewable)
    count = sum(activity_policy.may_review(actor, row) for row in rows)
    if count:
        words = _("%(n)d 项等待审核", n=count)
        yield Task(_("审核活动"), words, _("去审核"), "/desk/reviews")


def _permits(actor: Actor, now: datetime) -> Iterator[Task]:
    """What is large needs the permit of the police, applied for in time."""
    found = activities.large_without_permit(kept(actor), now, LARGE)
    today = clock.local_day(now)
    for row, starts_at in found:
        last = last_day_to_apply(clock.local_day(starts_at))
        words = _("%(title)s：最晚 %(day)s 申请", title=row.title, day=last.isoformat())
        late = _("已经过了申请的日子") if today > last else ""
        yield Task(_("大型活动要公安许可"), words, _("去看看"), row.desk_path, late)


def _post_reviews(actor: Actor, now: datetime) -> Iterator[Task]:  # noqa: ARG001  one of many
    reviewable = sorted(actor.stations(Role.STATION_MANAGER, Role.CAMPAIGN_OFFICER))
    count = sum(post_policy.may_review(actor, row) for row in posts.in_review(reviewable))
    if count:
        words, href = _("%(n)d 项等待审核", n=count), "/desk/posts?state=in_review"
        yield Task(_("审核志愿服务岗"), words, _("去审核"), href)


def _pairings(actor: Actor, now: datetime) -> Iterator[Task]:  # noqa: ARG001  one of many
    count = pairing.waiting_at(actor.stations(*pairing_policy.DESK_ROLES))
    if count:
        words = _("%(n)d 件等您答复单位", n=count)
        yield Task(_("结对共建"), words, _("去看看"), "/desk/pairings")


def _teams(actor: Actor, now: datetime) -> Iterator[Task]:  # noqa: ARG001  one of many
    stations = actor.stations(Role.STATION_MANAGER, Role.ADMINISTRATOR)
    if not stations and not actor.holds(Role.TEAM_LEADER):
        return
    count = teams.requests_for(actor.person_id or 0, stations)
    if count:
        yield Task(_("队伍"), _("%(n)d 人申请入队", n=count), _("去答复"), "/desk/teams")


def _calls(actor: Actor, now: datetime) -> Iterator[Task]:
    count = calls.count(calls.Wanted(kept(actor), now))
    if count:
        words = _("%(n)d 个人要打电话告诉", n=count)
        yield Task(_("电话单"), words, _("去打电话"), "/desk/calls")


def _paper(actor: Actor, now: datetime) -> Iterator[Task]:  # noqa: ARG001  a sort's form
    stations = actor.stations(Role.STATION_MANAGER, Role.CAMPAIGN_OFFICER, Role.ADMINISTRATOR)
    counts = queries_paper.counts(stations) if stations else {}
    sorts = (
        (BatchState.SUBMITTED, _("%(n)d 份等另一个人放行"), _("去放行")),
        (BatchState.RETURNED, _("%(n)d 份退回重录"), _("去改")),
        (BatchState.DRAFT, _("%(n)d 份录了一半"), _("接着录")),
    )
    for state, words, way in sorts:
        if counts.get(state):
            href = f"/desk/paper?state={state}"
            yield Task(_("纸质签到表"), words % {"n": counts[state]}, way, href)


def _claims(actor: Actor, now: datetime) -> Iterator[Task]:  # noqa: ARG001  a sort's form
    rows = queries_claims.waiting_at(kept(actor), actor.person_id or 0)
    if rows:
        words = _("%(n)d 条等您确认", n=sum(count for _shift, count in rows))
        keeps = bool(kept(actor))
        href = f"/desk/shifts/{rows[0][0]}/claims" if keeps else f"/shifts/{rows[0][0]}/claims"
        yield Task(_("扫海报到岗"), words, _("去确认"), href)


def _walk_ins(actor: Actor, now: datetime) -> Iterator[Task]:  # noqa: ARG001  a sort's form
    rows = queries_walk_ins.waiting_at(kept(actor)) if kept(actor) else []
    if rows:
        words = _("%(n)d 位等您确认是谁", n=sum(count for _shift, count in rows))
        href = f"/desk/shifts/{rows[0][0]}/walk-ins"
        yield Task(_("没报名的来访"), words, _("去确认"), href)


def _late(count: int) -> str:
    return _("%(n)d 件超期", n=count) if count else ""


_SORTS: tuple[Callable[[Actor, datetime], Iterator[Task]], ...] = (
    _calls,
    _decisions,
    _claims,
    _walk_ins,
    _paper,
    _feedback,
    _corrections,
    _appeals,
    _orders,
    _wishes,
    _applications,
    _closeouts,
    _reviews,
    _post_reviews,
    _permits,
    _pairings,
    _teams,
)
