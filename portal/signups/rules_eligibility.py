"""Who may sign up: the one pure decision, for every way of signing up. All reasons, each with a way.

Whoever asks gathers an `Applicant` and a `Wanted`; nothing in here knows where they come from.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from portal.core.errors import Reason
from portal.core.i18n import gettext as _
from portal.people.models import MAY_SERVE, VolunteerState
from portal.people.rules import FAMILY_ONLY_BELOW, age_on, is_minor
from portal.shifts.models import PlaceRole
from portal.signups.models import ParticipantKind

# Asked when somebody signs up, not again when a place is offered to whoever waited for it: what
# stands already is left alone when a consent to the notice is taken back.
AT_SIGN_UP_ONLY = frozenset({"consent_withdrawn", "team_only", "too_many_open", "whole_course"})
# What a standing place is refused for: what holds in every week.
LASTING = frozenset(
    {
        "consent_withdrawn",
        "not_volunteer",
        "wrong_state",
        "no_guardian_consent",
        "too_young",
        "too_old",
        "not_of_community",
        "no_training",
        "no_skill",
    }
)


class Hand(StrEnum):
    """By whose hand somebody signs up, which decides the words and the ways out."""

    SELF = "self"
    STAFF = "staff"
    OTHER = "other"


class GuardianFor(StrEnum):
    """When a minor needs a guardian's consent: for everything, or from 14 years on to serve."""

    ALWAYS = "always"
    SERVE = "serve"


@dataclass(frozen=True, slots=True)
class Lacking:
    """A training that is missing: its name, and the next course when one is coming."""

    name: str
    course: str = ""
    course_url: str = ""


@dataclass(frozen=True, slots=True)
class Applicant:
    """What matters of the person, and by whose hand they ask.

    `guardian_consented` covers this very shift. `lives_here` is about the community of the offering.
    `desk_path` is the person's page at the desk, for a hand that may open it.
    """

    birth_on: date | None
    volunteer_state: VolunteerState | None
    guardian_consented: bool = False
    withdrew_notice: bool = False
    hand: Hand = Hand.SELF
    participant: ParticipantKind = ParticipantKind.VOLUNTEER
    with_team: bool = False
    lives_here: bool = True
    home: str = ""
    open_signups: int = 0
    lacks_trainings: tuple[Lacking, ...] = ()
    lacks_skills: tuple[str, ...] = ()
    desk_path: str = ""

    @property
    def is_self(self) -> bool:
        """Whether the person asks with their own hand."""
        return self.hand == Hand.SELF


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
    maximum_age: int = 0
    is_risky: bool = False
    team_only: bool = False
    community_only: bool = False
    community: str = ""
    most_open: int = 0
    guardian_for: GuardianFor = GuardianFor.ALWAYS
    apply_url: str = "/volunteer/apply"
    path: str = "/activities"
    list_path: str = "/activities"
    station_path: str = "/stations"
    guardian_form: str = "/me/guardian-form"
    desk_sign_up: str = ""


def reasons(applicant: Applicant, wanted: Wanted, day: date, now: datetime) -> list[Reason]:
    """Return all reasons against it, each with its way out; an empty list means yes.

    `day` is the local day of the shift's start, on which ages and trainings are counted.
    """
    return [
        *_of_the_shift(applicant, wanted, now),
        *_of_consents(applicant, wanted, day),
        *_of_serving(applicant, wanted),
        *_of_age(applicant, wanted, day),
        *_of_place(applicant, wanted),
        *_of_number(applicant, wanted),
    ]


def _of_the_shift(applicant: Applicant, wanted: Wanted, now: datetime) -> Iterator[Reason]:
    another = _another(applicant, wanted)
    if not wanted.is_open:
        message = _("这一场已经取消，不能报名。可以看看别的活动。")
        yield Reason("called_off", message, *another)
    elif not wanted.is_published:
        message = _("这一项还没有发布，现在不能报名。")
        yield Reason("not_published", message, *another)
    if now >= wanted.ends_at:
        message = _("这一场已经结束，不能再报名。可以看看别的活动。")
        yield Reason("closed", message, *another)
    if not wanted.has_role:
        message = _("这一场没有这种名额。请刷新页面再选。")
        yield Reason("no_such_place", message, _("再看一次"), wanted.path)


def _of_consents(applicant: Applicant, wanted: Wanted, day: date) -> Iterator[Reason]:
    if applicant.withdrew_notice:
        yield _no_consent(applicant, wanted)
    # Where minors are kept out, no consent lets them in; asking for one would lead nowhere.
    if applicant.guardian_consented or wanted.is_risky:
        return
    if needs_guardian(applicant.birth_on, day, wanted.role, wanted.guardian_for):
        yield _no_guardian(applicant, wanted)


def needs_guardian(
    birth_on: date | None, day: date, role: PlaceRole, guardian_for: GuardianFor
) -> bool:
    """Return whether a guardian must have agreed (product rule 8; 个人信息保护法 art. 31)."""
    if birth_on is None or not is_minor(birth_on, day):
        return False
    always = guardian_for == GuardianFor.ALWAYS or age_on(birth_on, day) < FAMILY_ONLY_BELOW
    return always or role == PlaceRole.VOLUNTEER


def _no_consent(applicant: Applicant, wanted: Wanted) -> Reason:
    """Return the refusal of who took the consent to the privacy notice back (PIPL art. 15)."""
    if applicant.is_self:
        message = _("您撤回了隐私告知的同意，不能新报名。重新同意以后就可以报名。")
        return Reason("consent_withdrawn", message, _("去看隐私和我的数据"), "/me/privacy")
    message = _(
        "本人撤回了隐私告知的同意，不能替他报名。要本人重新同意，或者到所在社区的站点代办。"
    )
    way = (_("找人"), "/desk/people") if applicant.hand == Hand.STAFF else _station(wanted)
    return Reason("consent_withdrawn", message, *way)


def _no_guardian(applicant: Applicant, wanted: Wanted) -> Reason:
    if applicant.is_self:
        message = _(
            "未满 18 岁报名，要有监护人同意的记录。监护人可以在他的“我的家人”里同意，或者签好同意书交到站点。"
        )
        way = _("打印监护人同意书"), wanted.guardian_form
    elif applicant.desk_path:
        message = _("未满 18 岁报名，要有监护人同意的记录。问过监护人以后，请在本人的页面登记。")
        way = _("登记监护人同意"), f"{applicant.desk_path}#guardian"
    elif applicant.hand == Hand.STAFF:
        message = _("未满 18 岁报名，要有监护人同意。代报名时写上监护人，就记在这一项上。")
        way = _("代报名"), wanted.desk_sign_up or "/desk/people"
    else:
        message = _("未满 18 岁报名，要有监护人同意的记录。监护人可以在“我的家人”里同意。")
        way = _("我的家人"), "/me/family"
    return Reason("no_guardian_consent", message, *way)


def _of_serving(applicant: Applicant, wanted: Wanted) -> Iterator[Reason]:
    if wanted.role != PlaceRole.VOLUNTEER:
        return
    if wanted.team_only and not applicant.with_team:
        message = _("这一场的志愿者由队伍集体报名。请找队长替您报，或者先加入一支队伍。")
        yield Reason("team_only", message, _("看队伍"), "/teams")
    for training in applicant.lacks_trainings:
        yield _no_training(training, wanted)
    # Who is on duty or paid takes part as such, without being a volunteer (product rule 6).
    if applicant.participant == ParticipantKind.VOLUNTEER:
        yield from _of_volunteering(applicant, wanted)


def _no_training(training: Lacking, wanted: Wanted) -> Reason:
    message = _("要先参加“%(name)s”培训，而且没有过期。", name=training.name)
    if training.course:
        return Reason("no_training", message, training.course, training.course_url)
    return Reason("no_training", message, _("打电话问站点什么时候有"), wanted.station_path)


def _of_volunteering(applicant: Applicant, wanted: Wanted) -> Iterator[Reason]:
    if applicant.volunteer_state is None:
        message = _("做志愿者要先登记，大约 2 分钟，登记完马上可以报名。")
        yield Reason("not_volunteer", message, *_to_apply(applicant, wanted))
        return
    if applicant.volunteer_state not in MAY_SERVE:
        message = _("您现在不是注册志愿者，不能占志愿者名额。可以重新登记。")
        if not applicant.is_self:
            message = _("本人现在不是注册志愿者，不能占志愿者名额。可以替本人重新登记。")
        yield Reason("wrong_state", message, *_to_apply(applicant, wanted))
    if applicant.lacks_skills:
        names = _("、").join(applicant.lacks_skills)
        message = _("这一项要会：%(skills)s。会的请在志愿者资料里写上。", skills=names)
        way = (_("我的志愿者资料"), "/me/volunteer") if applicant.is_self else _station(wanted)
        yield Reason("no_skill", message, *way)


def _of_age(applicant: Applicant, wanted: Wanted, day: date) -> Iterator[Reason]:
    if applicant.birth_on is None:
        return
    age, another = age_on(applicant.birth_on, day), _another(applicant, wanted)
    if age < wanted.minimum_age:
        message = _("这项活动要满 %(age)d 岁。可以选别的活动。", age=wanted.minimum_age)
        yield Reason("too_young", message, *another)
    elif wanted.is_risky and is_minor(applicant.birth_on, day):
        message = _("这项活动有一定风险，未满 18 岁不能参加。可以选别的活动。")
        yield Reason("too_young", message, *another)
    if wanted.maximum_age and age > wanted.maximum_age:
        message = _("这项活动请 %(age)d 岁以内的人参加。可以选别的活动。", age=wanted.maximum_age)
        yield Reason("too_old", message, *another)


def _of_place(applicant: Applicant, wanted: Wanted) -> Iterator[Reason]:
    comes_by_duty = applicant.participant in {ParticipantKind.ON_DUTY, ParticipantKind.PAID_POST}
    if not wanted.community_only or applicant.lives_here or comes_by_duty:
        return
    if applicant.home:
        message = _(
            "这一项只请%(community)s的居民参加，登记的社区是%(home)s。搬了家的，请先改登记的社区。",
            community=wanted.community,
            home=applicant.home,
        )
    else:
        message = _(
            "这一项只请%(community)s的居民参加，现在还没有登记社区。住在这里的，登记以后就可以报名。",
            community=wanted.community,
        )
    if applicant.is_self:
        way = _("登记我的社区"), f"/me/home?next={wanted.path}"
    elif applicant.desk_path:
        way = _("登记本人的社区"), f"{applicant.desk_path}#home"
    else:
        way = _station(wanted)
    yield Reason("not_of_community", message, *way)


def _of_number(applicant: Applicant, wanted: Wanted) -> Iterator[Reason]:
    if not wanted.most_open or applicant.open_signups < wanted.most_open:
        return
    if applicant.is_self:
        message = _(
            "您已经报了 %(n)d 项没结束的活动，最多同时报 %(most)d 项。来不了的先取消，就能再报。",
            n=applicant.open_signups,
            most=wanted.most_open,
        )
        yield Reason("too_many_open", message, _("我的报名"), "/me/signups")
        return
    message = _(
        "本人已经报了 %(n)d 项没结束的活动，最多同时报 %(most)d 项。要先取消一项。",
        n=applicant.open_signups,
        most=wanted.most_open,
    )
    if applicant.hand == Hand.STAFF:
        yield Reason("too_many_open", message, *_another(applicant, wanted))
    else:
        yield Reason("too_many_open", message, _("我的报名"), "/me/signups")


# --- ways out ------------------------------------------------------------------------------------


def _another(applicant: Applicant, wanted: Wanted) -> tuple[str, str]:
    """Where there is something else that this person may take."""
    if applicant.is_self:
        return _("看看我能报的"), "/me/open"
    if applicant.desk_path:
        return _("看看本人能报的"), f"{applicant.desk_path}/open"
    return _("看看别的"), wanted.list_path


def _to_apply(applicant: Applicant, wanted: Wanted) -> tuple[str, str]:
    if applicant.is_self:
        return _("去登记"), wanted.apply_url
    if applicant.hand == Hand.STAFF:
        return _("替居民申请做志愿者"), wanted.apply_url
    return _station(wanted)


def _station(wanted: Wanted) -> tuple[str, str]:
    return _("联系站点"), wanted.station_path
