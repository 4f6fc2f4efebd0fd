"""States, steps and free times in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portal.core import filters
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.org.models import Term, Vocabulary
from portal.people import queries as people
from portal.people.models import Volunteer, VolunteerState
from portal.records import notes, steps
from portal.registration import moves, queries
from portal.registration.rules import PARTS, Sameness, free_slots

_DAYS = (_l("周一"), _l("周二"), _l("周三"), _l("周四"), _l("周五"), _l("周六"), _l("周日"))
_PARTS = (_l("上午"), _l("下午"), _l("晚上"))

STEP_WORDS = {
    "submit": _l("提交了申请"),
    "resubmit": _l("补充后再次提交"),
    "reapply": _l("重新申请"),
    "approve": _l("通过，成为注册志愿者"),
    "return": _l("退回，要补充"),
    "refuse": _l("没有通过"),
    "withdraw": _l("撤回申请"),
    "pause": _l("暂停"),
    "resume": _l("恢复"),
    "leave": _l("退出志愿者"),
}
STATE_TONES = {
    VolunteerState.SUBMITTED: "info",
    VolunteerState.RETURNED: "warning",
    VolunteerState.REFUSED: "danger",
    VolunteerState.REGISTERED: "success",
}
SAMENESS_WORDS = {
    Sameness.PHONE: _l("手机号相同"),
    Sameness.ID_NUMBER: _l("身份证号相同"),
    Sameness.NAME_AND_BIRTH: _l("姓名和出生日期相同"),
}


def slot_words(slot: int) -> str:
    """Return 周六 上午."""
    weekday, part = divmod(slot, PARTS)
    return f"{_DAYS[weekday]} {_PARTS[part]}"


def free_times_words(mask: int) -> str:
    """Return 周六 上午、周日 下午."""
    return _("、").join(slot_words(slot) for slot in free_slots(mask))


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline."""

    title: str
    time: str
    text: str
    state: str = "done"


def timeline(row: Volunteer, *, for_staff: bool = False) -> list[Entry]:
    """Return what happened, with the reasons; staff also read who did it and the identity note."""
    subject = moves.ref(row)
    taken = steps.of(subject)
    kinds = {"reason", "identity"} if for_staff else {"reason"}
    words = {note.at: note.text for note in notes.of(subject) if note.kind in kinds}
    names = people.names_of([step.actor_id or 0 for step in taken]) if for_staff else {}
    return [
        Entry(
            title=str(STEP_WORDS[step.verb]),
            time=filters.moment(step.at),
            text="　".join(
                part for part in (names.get(step.actor_id or 0, ""), words.get(step.at, "")) if part
            ),
        )
        for step in taken
    ]


def details(row: Volunteer) -> list[dict[str, str]]:
    """Return what the volunteer said about their volunteering, line by line."""
    terms = queries.terms_of(row.id)
    emergency = queries.emergency_of(row)
    nothing = _("没有填")
    called = f"{emergency.name} {emergency.phone}" if emergency else ""
    return [
        {"key": _("会什么"), "value": terms_words(terms, Vocabulary.SKILL) or nothing},
        {"key": _("想做哪些服务"), "value": terms_words(terms, Vocabulary.SERVICE_KIND) or nothing},
        {"key": _("什么时候有空"), "value": free_times_words(row.free_times) or nothing},
        {"key": _("紧急联系人"), "value": called or nothing},
    ]


def terms_words(terms: Sequence[Term], vocabulary: Vocabulary) -> str:
    """Return the labels of one vocabulary."""
    return _("、").join(term.label for term in terms if term.vocabulary == vocabulary)


def whats_next(state: VolunteerState) -> str:
    """Return what comes next for the person, in a sentence."""
    sentences = {
        VolunteerState.SUBMITTED: _("站点正在审核。审核前也可以报名服务，通过后时长一起记入。"),
        VolunteerState.RETURNED: _("请按下面的说明补充，再提交一次。"),
        VolunteerState.REFUSED: _("可以重新申请；不同意这个结果，可以向上一级申诉。"),
        VolunteerState.WITHDRAWN: _("申请已经撤回，想做志愿者可以重新申请。"),
        VolunteerState.REGISTERED: _("可以报名志愿服务了。到现场记得签到和签退。"),
        VolunteerState.PAUSED: _("暂停期间不能报名志愿服务，恢复后继续。时长都在。"),
        VolunteerState.LEFT: _("已经退出志愿者。以前的服务记录和证明都保留，随时可以再申请。"),
    }
    return str(sentences[state])
