"""The shape of input about posts, their grid, standing places, absences and logs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta
from typing import Any

from wtforms import BooleanField, Field, HiddenField, IntegerField, RadioField, StringField
from wtforms.validators import NumberRange, Optional, ValidationError

from portal.core import clock
from portal.core.forms import (
    Choice,
    Choices,
    Form,
    choices,
    clean,
    day_field,
    long_text_field,
    needed,
    text_field,
    time_field,
)
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.org.models import Vocabulary
from portal.posts.actions import Details
from portal.posts.actions_pattern import Others
from portal.posts.rules import Cell, Pattern
from portal.shifts.forms import ConditionsForm

WEEKDAYS = (
    _l("周一"), _l("周二"), _l("周三"), _l("周四"), _l("周五"), _l("周六"), _l("周日"),
)  # fmt: skip
# The fields that are chosen from a vocabulary.
VOCABULARIES = {
    "kind": Vocabulary.ACTIVITY_KIND,
    "field": Vocabulary.FIELD,
    "venue_type": Vocabulary.VENUE_TYPE,
}
MOST_VOLUNTEERS = 200
_FARTHEST = timedelta(days=800)
_NUMBERS = {"inputmode": "numeric", "min": "0"}


def number_field(label: object, most: int, *, required: bool = False) -> IntegerField:
    """Return a field for a whole number from 0 (empty: none) to the most."""
    message = _l("请填 0 到 %(n)d 之间的整数", n=most)
    presence = needed() if required else Optional()
    return IntegerField(label, [presence, NumberRange(0, most, message)], render_kw=_NUMBERS)


class DetailsForm(ConditionsForm):
    """What a post is made of. The first four are all a usual one needs."""

    title = text_field(_l("岗位名称"), longest=60, shortest=2)
    venue_type = Choice(_l("场所类型"))
    site_name = text_field(_l("在哪个场所"), longest=60)
    place = text_field(_l("具体位置"), longest=120, required=False)
    services = text_field(_l("提供什么服务"), longest=300, required=False)
    promise = text_field(_l("服务承诺"), longest=300, required=False)
    hours_text = text_field(_l("开放时间"), longest=120, required=False)
    leader_name = text_field(_l("岗位负责人"), longest=40, required=False)
    contact_phone = text_field(
        _l("联系电话"), longest=30, required=False, render_kw={"type": "tel"}
    )
    materials = text_field(_l("岗上的物资"), longest=200, required=False)
    office_in_charge = text_field(_l("责任单位（路段填）"), longest=60, required=False)
    summary = long_text_field(_l("介绍"), longest=2000, required=False)
    kind = Choice(_l("类别"))
    field = Choice(_l("领域"))
    is_party_post = BooleanField(_l("党员先锋岗"))
    is_risky = BooleanField(_l("这个岗有一定风险（要审核，要有保险，未满 18 岁不能参加）"))
    insurance_note = text_field(_l("保险说明"), longest=300, required=False)

    TEXTS = (
        "title", "site_name", "place", "services", "promise", "hours_text", "leader_name",
        "contact_phone", "materials", "office_in_charge", "summary", "insurance_note",
    )  # fmt: skip

    def details(self, term_ids: Mapping[str, int]) -> Details:
        """Return what was filled in; the ids of the chosen terms by field."""
        texts: dict[str, Any] = {name: self[name].data or "" for name in self.TEXTS}
        return Details(
            kind_id=term_ids["kind"],
            field_id=term_ids["field"],
            venue_type_id=term_ids["venue_type"],
            minimum_age=self.minimum_age.data or 0,
            is_risky=bool(self.is_risky.data),
            is_party_post=bool(self.is_party_post.data),
            **texts,
        )


class NewPostForm(DetailsForm):
    """A post with the first span of its grid."""

    station = Choice(_l("所属站点"))
    days = Choices(
        _l("每周哪几天"), [needed(_l("请至少选一天"))],
        choices=choices((str(n), name) for n, name in enumerate(WEEKDAYS)),
    )  # fmt: skip
    starts = time_field(_l("开始"))
    ends = time_field(_l("结束"))
    volunteers = IntegerField(
        _l("每班几个人"),
        [
            needed(_l("请写每班几个人")),
            NumberRange(1, MOST_VOLUNTEERS, _l("请填 1 到 200 之间的整数")),
        ],
        render_kw={"inputmode": "numeric", "min": "1"},
    )
    then = HiddenField()

    def validate_ends(self, field: Field) -> None:
        """An end after the start; midnight ends the day."""
        if field.data and self.starts.data and minutes(self.starts.data) >= end_minutes(field.data):
            raise ValidationError(_l("结束时间要在开始之后"))

    def pattern(self) -> Pattern:
        """Return the grid, valid from today."""
        cells = tuple(
            Cell(
                int(day),
                minutes(self.starts.data),
                end_minutes(self.ends.data),
                self.volunteers.data,
            )
            for day in sorted(set(self.days.data))
        )
        return Pattern(cells, clock.today())


class PatternForm(Form):
    """From when until when the grid holds; its lines stand beside it."""

    from_on = day_field(_l("从哪天开始"))
    until_on = day_field(_l("到哪天为止"), required=False)
    skips_holidays = BooleanField(_l("法定节假日不排班"))
    others = RadioField(
        _l("有人报了名的班次怎么办"),
        choices=choices(
            (
                (Others.KEEP.value, _l("照旧，不动")),
                (Others.FOLLOW.value, _l("跟着改，多出来的取消，并通知大家")),
            )
        ),
        default=Others.KEEP.value,
    )
    sure = HiddenField()

    def validate_from_on(self, field: Field) -> None:
        """A day within two years or so."""
        if field.data and abs(field.data - clock.today()) > _FARTHEST:
            raise ValidationError(_l("请检查这个日期"))

    def validate_until_on(self, field: Field) -> None:
        """Not before the first day."""
        if field.data and self.from_on.data and field.data < self.from_on.data:
            raise ValidationError(_l("结束的日子不能早于开始的日子"))


class LineForm(Form):
    """One span of the grid: from when to when, and how many on each weekday."""

    starts = time_field(_l("开始"), required=False)
    ends = time_field(_l("结束"), required=False)
    day0 = number_field(WEEKDAYS[0], MOST_VOLUNTEERS)
    day1 = number_field(WEEKDAYS[1], MOST_VOLUNTEERS)
    day2 = number_field(WEEKDAYS[2], MOST_VOLUNTEERS)
    day3 = number_field(WEEKDAYS[3], MOST_VOLUNTEERS)
    day4 = number_field(WEEKDAYS[4], MOST_VOLUNTEERS)
    day5 = number_field(WEEKDAYS[5], MOST_VOLUNTEERS)
    day6 = number_field(WEEKDAYS[6], MOST_VOLUNTEERS)

    @property
    def day_fields(self) -> list[IntegerField]:
        """The seven numbers, Monday first."""
        return [self[f"day{n}"] for n in range(7)]

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each field, and that a span with numbers has its times."""
        fits = bool(super().validate(extra_validators))
        if not any(field.data for field in self.day_fields):
            return fits
        if self.starts.data is None or self.ends.data is None:
            self.add_error("starts", _("请写这一段从几点到几点"))
            return False
        if minutes(self.starts.data) >= end_minutes(self.ends.data):
            self.add_error("ends", _("结束时间要在开始之后"))
            return False
        return fits

    def cells(self) -> list[Cell]:
        """Return the cells of the line; none without numbers."""
        return [
            Cell(day, minutes(self.starts.data), end_minutes(self.ends.data), field.data)
            for day, field in enumerate(self.day_fields)
            if field.data
        ]

    def fill(self, cells: Sequence[Cell]) -> None:
        """Put the cells of one span in."""
        self.starts.data = clock_time(cells[0].starts_minute)
        self.ends.data = clock_time(cells[0].ends_minute)
        for cell in cells:
            self.day_fields[cell.weekday].data = cell.volunteers


class StandingForm(Form):
    """Who stands where every week."""

    slot = Choice(_l("哪一段"))
    person = Choice(_l("哪位志愿者"), default="")
    volunteer_no = StringField(_l("或者填志愿者编号"), [Optional()], [clean])


class EndForm(Form):
    """Whether what was placed already is freed too."""

    frees = BooleanField(_l("已经排好的班也一起取消，名额空出来"))


class AbsenceForm(Form):
    """Days on which a volunteer is away."""

    first_on = day_field(_l("从哪天"))
    last_on = day_field(_l("到哪天"))

    def validate_first_on(self, field: Field) -> None:
        """A day to come, within a year or so."""
        if field.data and not clock.today() <= field.data <= clock.today() + timedelta(days=400):
            raise ValidationError(_l("请选择今天以后、一年以内的日期"))

    def validate_last_on(self, field: Field) -> None:
        """Not before the first day, and not for years."""
        first: date | None = self.first_on.data
        if field.data and first and not first <= field.data <= first + timedelta(days=366):
            raise ValidationError(_l("结束的日子不能早于开始的日子，最长一年"))


class CoverForm(Form):
    """Which duty one would rather have (public id of its shift); empty: any help is welcome."""

    wanted = StringField()


class LogForm(Form):
    """What a duty came to; the counters are data and stand beside it."""

    helped = number_field(_l("服务了多少人"), 9999, required=True)
    incident = long_text_field(_l("特别情况"), longest=1000, required=False)


class ReasonForm(Form):
    """Why."""

    reason = text_field(_l("原因"), longest=200)


def minutes(at: time) -> int:
    """Return the minute of the day."""
    return at.hour * 60 + at.minute


def end_minutes(at: time) -> int:
    """Return the minute of the day of an end: midnight is the end of the day."""
    return minutes(at) or 1440


def clock_time(minute: int) -> time:
    """Return the wall-clock time of a minute of the day."""
    return time(minute // 60 % 24, minute % 60)
