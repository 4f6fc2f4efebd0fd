"""What notices are about, as people choose by it, and which of them are of a special sort."""

from __future__ import annotations

from enum import StrEnum

from portal.core.i18n import lazy_gettext as _l


class Topic(StrEnum):
    """What a person chooses to be told of by a channel."""

    SIGNUPS = "signups"
    REMINDERS = "reminders"
    SERVICE = "service"
    WISHES = "wishes"
    WORK = "work"
    OTHER = "other"


TOPIC_LABELS = {
    Topic.SIGNUPS: _l("报名和值班"),
    Topic.REMINDERS: _l("开始前的提醒"),
    Topic.SERVICE: _l("志愿者登记和服务时长"),
    Topic.WISHES: _l("心愿和点单"),
    Topic.WORK: _l("发布活动和岗位的审核"),
    Topic.OTHER: _l("其他的事"),
}

REMINDERS = ("reminder_day", "reminder_hours")
# Called off or moved: whoever is not told in time stands before a closed door.
MAY_BE_URGENT = (
    "shift_called_off", "shift_moved", "shift_released", "shift_ask_again", "place_called_off",
)  # fmt: skip
# Somebody must know it, and without an account only a call tells them.
CALLED = (*MAY_BE_URGENT, "put_back", "offer", "offer_lapsed", "offer_missed", "queue_closed")

# By the first word of the kind. Party membership is sealed: nothing of it leaves the house.
_INSIDE = {"membership", "report"}
_TOPICS = {
    **dict.fromkeys(("signed", "withdrawn", "offer", "queue", "shift"), Topic.SIGNUPS),
    **dict.fromkeys(("cover", "standing", "absence", "put", "place", "appeal"), Topic.SIGNUPS),
    **dict.fromkeys(("wish", "pledge", "order"), Topic.WISHES),
    **dict.fromkeys(("volunteer", "visit", "certificate", "correction"), Topic.SERVICE),
    **dict.fromkeys(("honour", "evaluation", "star", "claim", "walk"), Topic.SERVICE),
    **dict.fromkeys(("activity", "post", "closeout", "paper"), Topic.WORK),
    "reminder": Topic.REMINDERS,
}


def topic_of(kind: str) -> Topic | None:
    """Return what a kind of notice is about; None when it stays in the tray."""
    word = kind.partition("_")[0]
    return None if word in _INSIDE else _TOPICS.get(word, Topic.OTHER)
