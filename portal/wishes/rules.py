"""Pure decisions about wishes: the steps of a wish and of a pledge, money, levels, who may pledge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from portal.core.errors import Reason
from portal.core.i18n import gettext as _
from portal.people.rules import is_minor
from portal.wishes.models import WishState
from portal.wishes.models_pledges import PledgeState

# What a first filing, or a first pledge, is recorded as; there is no state before it.
FILE = "file"
PLEDGE = "pledge"

STEPS: dict[tuple[WishState, str], WishState] = {
    # The desk asks the wisher to change something; until then the wish waits for them.
    (WishState.FILED, "return"): WishState.FILED,
    (WishState.FILED, "change"): WishState.FILED,
    (WishState.FILED, "verify"): WishState.VERIFIED,
    (WishState.FILED, "reject"): WishState.REJECTED,
    (WishState.FILED, "withdraw"): WishState.WITHDRAWN,
    (WishState.FILED, "expire"): WishState.EXPIRED,
    (WishState.VERIFIED, "return"): WishState.FILED,
    (WishState.VERIFIED, "publish"): WishState.PUBLISHED,
    (WishState.VERIFIED, "reject"): WishState.REJECTED,
    (WishState.VERIFIED, "withdraw"): WishState.WITHDRAWN,
    (WishState.PUBLISHED, "edit"): WishState.PUBLISHED,
    (WishState.PUBLISHED, "raise"): WishState.PUBLISHED,
    # The last free part is pledged; before that the wish stays on the wall.
    (WishState.PUBLISHED, "pledge"): WishState.PLEDGED,
    (WishState.PUBLISHED, "withdraw"): WishState.WITHDRAWN,
    (WishState.PUBLISHED, "expire"): WishState.EXPIRED,
    (WishState.PLEDGED, "release"): WishState.PUBLISHED,
    (WishState.PLEDGED, "fulfil"): WishState.FULFILLED,
    (WishState.PLEDGED, "withdraw"): WishState.WITHDRAWN,
    (WishState.FULFILLED, "reopen"): WishState.PLEDGED,
    (WishState.FULFILLED, "confirm"): WishState.CONFIRMED,
    # Nobody can be asked any more; staff say why.
    (WishState.FULFILLED, "close"): WishState.CLOSED,
    (WishState.CONFIRMED, "close"): WishState.CLOSED,
}

# From here no step leads on.
ENDS = frozenset(WishState) - {state for state, _verb in STEPS}

PLEDGE_STEPS: dict[tuple[PledgeState, str], PledgeState] = {
    (PledgeState.ACTIVE, "extend"): PledgeState.ACTIVE,
    (PledgeState.ACTIVE, "return"): PledgeState.RETURNED,
    (PledgeState.ACTIVE, "lapse"): PledgeState.LAPSED,
    # The wish itself was withdrawn.
    (PledgeState.ACTIVE, "call_off"): PledgeState.RETURNED,
    (PledgeState.ACTIVE, "deliver"): PledgeState.FULFILLED,
    (PledgeState.FULFILLED, "reopen"): PledgeState.ACTIVE,
}

# Upper ends of the bands in yuan; 0 is help that costs nothing.
BANDS = (0, 50, 100, 200, 300, 500, 1000, 2000)
MOST_PARTS = 10
MOST_PHOTOS = 3
# The reason of a raise that went to paired units; the others name the level of the station.
UNITS = "units"
# A letter that is short is read.
LETTER_LENGTH = 5
LONGEST_HELP_MINUTES = 24 * 60


def bands(ceiling: int) -> tuple[int, ...]:
    """Return the bands that the district allows."""
    return tuple(band for band in BANDS if band <= ceiling)


def is_public(state: WishState) -> bool:
    """Return whether words about a wish in this state stand on the wall."""
    return state not in {
        WishState.FILED,
        WishState.VERIFIED,
        WishState.REJECTED,
        WishState.WITHDRAWN,
        WishState.EXPIRED,
    }


@dataclass(frozen=True, slots=True)
class Helper:
    """What matters of who wants to pledge. `live` counts the pledges they hold already."""

    birth_on: date | None
    is_own: bool
    live: int
    withdrew_notice: bool = False


def may_pledge(helper: Helper, cap: int, today: date) -> list[Reason]:
    """Return all reasons against a pledge, each with its way out; an empty list means yes."""
    reasons = []
    if helper.is_own:
        message = _("这是您自己提出或者替别人登记的心愿，不能自己认领。")
        reasons.append(Reason("own_wish", message))
    if helper.withdrew_notice:
        message = _("您撤回了隐私告知的同意，不能认领。重新同意以后就可以认领。")
        reasons.append(Reason("consent_withdrawn", message, _("去看隐私和我的数据"), "/me/privacy"))
    if is_minor(helper.birth_on, today):
        message = _("未满 18 岁不能自己认领。可以请家长认领，一起去完成。")
        reasons.append(Reason("too_young", message))
    if helper.live >= cap:
        message = _("同时最多认领 %(n)d 个心愿。先完成手上的，再认领新的。", n=cap)
        reasons.append(Reason("too_many", message, _("我的认领"), "/me"))
    return reasons


def promise_refusal(promised_on: date, today: date, longest: int) -> str:
    """Return why the day cannot be promised, in a sentence, or an empty text."""
    if promised_on < today:
        return str(_("请选今天或者以后的日期。"))
    if promised_on > today + timedelta(days=longest):
        return str(_("最晚选 %(n)d 天以内的日期。", n=longest))
    return ""


def extension_refusal(promised_on: date, until: date, longest: int) -> str:
    """Return why a promise cannot be put off to a day, in a sentence, or an empty text."""
    if not promised_on < until <= promised_on + timedelta(days=longest):
        return str(_("延期最多 %(n)d 天，从原来答应的日期算起。", n=longest))
    return ""


def has_lapsed(promised_on: date, today: date, grace: int) -> bool:
    """Return whether a promise is broken: its day and the days of grace have passed."""
    return today > promised_on + timedelta(days=grace)


def letter_week(today: date, weekday: int) -> date:
    """Return the day on which the present week's letter is due; `weekday` 1 is Monday."""
    return today - timedelta(days=(today.weekday() - (weekday - 1)) % 7)


def waits_too_long(since: datetime, now: datetime, days: int) -> bool:
    """Return whether what waits since then has waited for so many days."""
    return now >= since + timedelta(days=days)


def may_see_contact(state: PledgeState, *, is_known: bool) -> bool:
    """Return whether a pledger gets the wisher's contact.

    Only while the pledge is live, and only a person whom the district knows: a registered
    volunteer, or somebody whose phone the desk confirmed.
    """
    return state == PledgeState.ACTIVE and is_known


def part_labels(labels: Sequence[str]) -> tuple[str, ...]:
    """Return the labels of the parts; none named means one part without a label."""
    return tuple(labels) or ("",)
