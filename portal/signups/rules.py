"""Pure decisions about signing up, waiting and offering."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, TypeVar

from portal.core import clock
from portal.core.errors import Reason
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.people.models import MAY_SERVE, VolunteerState
from portal.people.rules import age_on, is_minor
from portal.shifts.models import PlaceRole
from portal.signups.models import ParticipantKind, SignupState

# From two hours before the start nobody is offered a place any more: whoever asks first has it.
QUEUE_CLOSES_BEFORE = timedelta(hours=2)
SHORTEST_OFFER = timedelta(minutes=30)
Group = TypeVar("Group")


class Hand(StrEnum):
    """What a hand may do to somebody who waits."""

    UP = "move_up"
    DOWN = "move_down"
    FIRST = "move_first"
    GIVE = "give"


HAND_LABELS = {
    Hand.UP: _l("往前移一位"),
    Hand.DOWN: _l("往后移一位"),
    Hand.FIRST: _l("移到最前面"),
    Hand.GIVE: _l("不按次序，直接给名额"),
}


class Night(NamedTuple):
    """The hours of the night on the district's clock; the same hour twice: there is none."""

    from_hour: int
    until_hour: int

    def holds(self, hour: int) -> bool:
        """Whether the hour that begins then is one of the night."""
        if self.from_hour <= self.until_hour:
            return self.from_hour <= hour < self.until_hour
        return hour >= self.from_hour or hour < self.until_hour


NO_NIGHT = Night(0, 0)

STEPS: dict[tuple[SignupState, str], SignupState] = {
    (SignupState.WAITLISTED, "offer"): SignupState.OFFERED,
    (SignupState.WAITLISTED, "confirm"): SignupState.CONFIRMED,
    (SignupState.WAITLISTED, "withdraw"): SignupState.WITHDRAWN,
    (SignupState.WAITLISTED, "call_off"): SignupState.CALLED_OFF,
    (SignupState.OFFERED, "accept"): SignupState.CONFIRMED,
    (SignupState.OFFERED, "decline"): SignupState.WITHDRAWN,
    (SignupState.OFFERED, "lapse"): SignupState.WITHDRAWN,
    (SignupState.OFFERED, "withdraw"): SignupState.WITHDRAWN,
    (SignupState.OFFERED, "call_off"): SignupState.CALLED_OFF,
    (SignupState.OFFERED, "attend"): SignupState.ATTENDED,
    (SignupState.CONFIRMED, "withdraw"): SignupState.WITHDRAWN,
    # A duty given to somebody else: the place goes from one row to the other.
    (SignupState.CONFIRMED, "hand_over"): SignupState.WITHDRAWN,
    (SignupState.WAITLISTED, "take_over"): SignupState.CONFIRMED,
    (SignupState.CONFIRMED, "call_off"): SignupState.CALLED_OFF,
    (SignupState.CONFIRMED, "attend"): SignupState.ATTENDED,
    (SignupState.CONFIRMED, "miss"): SignupState.NO_SHOW,
    # Somebody came after all: a late scan from a phone without network.
    (SignupState.NO_SHOW, "attend"): SignupState.ATTENDED,
    # In the queue: by hand, with a reason, and a party that does not want to wait together.
    **{(SignupState.WAITLISTED, hand.value): SignupState.WAITLISTED for hand in Hand},
    (SignupState.WAITLISTED, "split"): SignupState.WAITLISTED,
    # After a change of the shift: asked again, let go, or put back where places are fewer now.
    (SignupState.CONFIRMED, "ask_again"): SignupState.OFFERED,
    (SignupState.CONFIRMED, "release"): SignupState.WITHDRAWN,
    (SignupState.OFFERED, "release"): SignupState.WITHDRAWN,
    (SignupState.WAITLISTED, "release"): SignupState.WITHDRAWN,
    (SignupState.CONFIRMED, "put_back"): SignupState.WAITLISTED,
    (SignupState.OFFERED, "put_back"): SignupState.WAITLISTED,
    # Undoing a change: to what it was before, from whatever the change made of it.
    **{
        (after, f"undo_{before}"): before
        for before in (SignupState.CONFIRMED, SignupState.OFFERED, SignupState.WAITLISTED)
        for after in (
            SignupState.OFFERED,
            SignupState.WAITLISTED,
            SignupState.WITHDRAWN,
            SignupState.CALLED_OFF,
        )
        if after != before
    },
}


@dataclass(frozen=True, slots=True)
class Applicant:
    """What matters of the person: birth day if known, volunteering, consents.

    `is_self` is False when somebody else asks on the person's behalf.
    """

    birth_on: date | None
    volunteer_state: VolunteerState | None
    guardian_consented: bool = False
    withdrew_notice: bool = False
    is_self: bool = True
    participant: ParticipantKind = ParticipantKind.VOLUNTEER
    with_team: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What matters of the shift and the place asked for."""

    role: PlaceRole
    starts_at: datetime
    ends_at: datetime
    is_open: bool
    is_published: bool
    has_role: bool
    minimum_age: int = 0
    is_risky: bool = False
    team_only: bool = False
    apply_url: str = ""


def may_sign_up(applicant: Applicant, wanted: Wanted, day: date, now: datetime) -> list[Reason]:
    """Return all reasons against it, each with its way out; an empty list means yes.

    `day` is the local day of the shift's start, on which ages are counted.
    """
    reasons = []
    if not wanted.is_open:
        reasons.append(Reason("called_off", _("这一场已经取消，不能报名。可以看看别的活动。")))
    elif not wanted.is_published:
        reasons.append(Reason("not_published", _("这一项还没有发布，现在不能报名。")))
    if now >= wanted.ends_at:
        reasons.append(Reason("closed", _("这一场已经结束，不能再报名。可以看看别的活动。")))
    if not wanted.has_role:
        reasons.append(Reason("no_such_place", _("这一场没有这种名额。请刷新页面再选。")))
    if applicant.withdrew_notice:
        reasons.append(_no_consent(applicant))
    if wanted.role == PlaceRole.VOLUNTEER:
        reasons += _by_team(applicant, wanted)
        # Who is on duty or paid takes part as such, without being a volunteer (product rule 6).
        if applicant.participant == ParticipantKind.VOLUNTEER:
            reasons += _may_serve(applicant, wanted, day)
    if applicant.birth_on is not None:
        reasons += _old_enough(applicant.birth_on, wanted, day)
    return reasons


def _no_consent(applicant: Applicant) -> Reason:
    """Return the refusal of who took the consent to the privacy notice back (PIPL art. 15)."""
    if applicant.is_self:
        message = _("您撤回了隐私告知的同意，不能新报名。重新同意以后就可以报名。")
        return Reason("consent_withdrawn", message, _("去看隐私和我的数据"), "/me/privacy")
    message = _(
        "本人撤回了隐私告知的同意，不能替他报名。要本人重新同意，或者到所在社区的站点代办。"
    )
    return Reason("consent_withdrawn", message, _("找人"), "/desk/people")


def _by_team(applicant: Applicant, wanted: Wanted) -> list[Reason]:
    if not wanted.team_only or applicant.with_team:
        return []
    message = _("这一场的志愿者由队伍集体报名。请找队长替您报，或者先加入一支队伍。")
    return [Reason("team_only", message, _("看队伍"), "/teams")]


def _may_serve(applicant: Applicant, wanted: Wanted, day: date) -> list[Reason]:
    if applicant.volunteer_state is None:
        message = _("做志愿者要先登记，大约 2 分钟，登记完马上可以报名。")
        return [Reason("not_volunteer", message, _to_apply(applicant), wanted.apply_url)]
    if applicant.volunteer_state not in MAY_SERVE:
        message = _("您现在不是注册志愿者，不能占志愿者名额。可以重新登记。")
        if not applicant.is_self:
            message = _("本人现在不是注册志愿者，不能占志愿者名额。可以替本人重新登记。")
        return [Reason("wrong_state", message, _to_apply(applicant), wanted.apply_url)]
    if is_minor(applicant.birth_on, day) and not applicant.guardian_consented:
        message = _("未满 18 岁做志愿者，要有监护人同意的记录。请带监护人到站点登记。")
        return [Reason("no_guardian_consent", message)]
    return []


def _to_apply(applicant: Applicant) -> str:
    return _("去登记") if applicant.is_self else _("替居民申请做志愿者")


def _old_enough(birth_on: date, wanted: Wanted, day: date) -> list[Reason]:
    if age_on(birth_on, day) < wanted.minimum_age:
        message = _("这项活动要满 %(age)d 岁。可以选别的活动。", age=wanted.minimum_age)
        return [Reason("too_young", message)]
    if wanted.is_risky and is_minor(birth_on, day):
        return [Reason("too_young", _("这项活动有一定风险，未满 18 岁不能参加。可以选别的活动。"))]
    return []


def may_withdraw(state: SignupState, ends_at: datetime, now: datetime) -> bool:
    """Return whether a sign-up in this state can still be withdrawn."""
    return (state, "withdraw") in STEPS and now < ends_at


def queue_is_open(starts_at: datetime, now: datetime) -> bool:
    """Return whether freed places still go to those who wait."""
    return now < starts_at - QUEUE_CLOSES_BEFORE


def offer_deadline(
    starts_at: datetime, hours: int, now: datetime, night: Night = NO_NIGHT
) -> datetime:
    """Return until when an offer holds: so many waking hours, never past the closing of the queue.

    At least 30 minutes are given where the closing leaves them.
    """
    wished = max(_awake(now, hours, night), now + SHORTEST_OFFER)
    return min(wished, max(starts_at - QUEUE_CLOSES_BEFORE, now))


def _awake(at: datetime, hours: int, night: Night) -> datetime:
    """Return the instant after so many hours outside of the night."""
    left = timedelta(hours=hours)
    while left > timedelta():
        local = clock.local(at)
        rest = timedelta(hours=1) - timedelta(
            minutes=local.minute, seconds=local.second, microseconds=local.microsecond
        )
        if night.holds(local.hour):
            at += rest
            continue
        walked = min(rest, left)
        at, left = at + walked, left - walked
    return at


def reordered(groups: Sequence[Group], group: Group, where: Hand) -> list[Group]:
    """Return the queue with one group moved; at the end of the queue it stays where it is."""
    found = list(groups)
    at = found.index(group)
    to = {Hand.UP: max(at - 1, 0), Hand.DOWN: at + 1, Hand.FIRST: 0}[where]
    found.insert(to, found.pop(at))
    return found
