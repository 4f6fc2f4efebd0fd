"""The shape of input about series: how often, which days, until when; one date; the end."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from wtforms import BooleanField, Field, HiddenField, IntegerField, RadioField
from wtforms.validators import NumberRange, Optional, ValidationError

from portal.activities.actions_series import SCOPE_LABELS, DateChange, Scope
from portal.activities.forms import NewActivityForm, ShiftForm, places_field
from portal.core import clock
from portal.core.forms import Choice, Choices, Form, choices, day_field, text_field
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.shifts.actions import NewPlace
from portal.shifts.models import PlaceRole, Shift
from portal.shifts.models_series import Holidays
from portal.shifts.recurrence import LONGEST, MOST_DATES, Freq, Rule
from portal.shifts.series import Plan

NO_REPEAT = ""
BY_DAY, BY_WEEKDAY = "day", "weekday"
UNTIL, COUNT = "until", "count"
_REPEATS = (
    (NO_REPEAT, _l("只办这一次")),
    (Freq.DAILY.value, _l("按天重复")),
    (Freq.WEEKLY.value, _l("按周重复")),
    (Freq.MONTHLY.value, _l("按月重复")),
)
_DAYS = (_l("周一"), _l("周二"), _l("周三"), _l("周四"), _l("周五"), _l("周六"), _l("周日"))
_NUMERIC = {"inputmode": "numeric", "min": "1"}


def _number(label: object, most: int) -> IntegerField:
    message = _l("请填 1 到 %(n)d 之间的整数", n=most)
    return IntegerField(label, [Optional(), NumberRange(1, most, message)], render_kw=_NUMERIC)


class EndForm(Form):
    """When a series ends: on a day, or after so many dates."""

    finish = RadioField(
        _l("办到什么时候"),
        choices=choices(((COUNT, _l("办满几次")), (UNTIL, _l("到哪天为止")))),
        default=COUNT,
    )
    count = _number(_l("一共几次"), MOST_DATES)
    until = day_field(_l("最后一天"), required=False)

    def end(self) -> Rule:
        """Return a rule that carries the end alone."""
        if self.finish.data == UNTIL:
            return Rule(Freq.DAILY, until=self.until.data)
        return Rule(Freq.DAILY, count=self.count.data)

    def validate(self, extra_validators: Any = None) -> bool:
        """The end that was chosen is filled in."""
        fits = bool(super().validate(extra_validators))
        if not fits or not self.repeats:
            return fits
        chosen = UNTIL if self.finish.data == UNTIL else COUNT
        if self[chosen].data:
            return True
        self.add_error(chosen, _("请填写这一项"))
        return False

    @property
    def repeats(self) -> bool:
        """Whether there is anything to end."""
        return True


class SetEndForm(EndForm):
    """Another end of a series, and why, where dates fall away."""

    reason = text_field(_l("原因"), longest=200, required=False)
    sure = HiddenField()


class RepeatForm(EndForm):
    """How a first shift repeats. Stands beside the fields of the shift."""

    repeat = Choice(_l("要不要重复办"), choices=choices(_REPEATS), default=NO_REPEAT)
    interval = _number(_l("每隔几天、几周或几个月"), 12)
    days = Choices(
        _l("每周哪几天"), choices=choices((str(n), name) for n, name in enumerate(_DAYS))
    )
    monthly = RadioField(
        _l("每月怎么算"),
        choices=choices(((BY_DAY, _l("同一个日子")), (BY_WEEKDAY, _l("同样的第几个周几")))),
        default=BY_DAY,
    )
    skips_holidays = BooleanField(_l("遇到放假不办（按本区的放假安排）"), default=True)
    is_course = BooleanField(_l("这是一门课：参加的人要整门一起报名"))
    sure = HiddenField()

    @property
    def repeats(self) -> bool:
        """Whether it is to be a series at all."""
        return self.repeat.data in set(Freq)

    def validate_until(self, field: Field) -> None:
        """Two years at most, and not before the first date."""
        first = self["day"].data
        if not self.repeats or not field.data or not first or self.finish.data != UNTIL:
            return
        if not first <= field.data <= first + LONGEST:
            raise ValidationError(_l("请选择第一次以后、两年以内的日期"))

    def plan(self) -> Plan:
        """Return the series of the first shift and the rule."""
        shift: Any = self
        starts, ends = shift.starts.data, shift.ends.data
        length = minutes(ends) - minutes(starts)
        places = tuple(NewPlace(*one) for one in shift.new_shift().places)
        return Plan(
            rule=self._rule(shift.day.data),
            starts_on=shift.day.data,
            starts_minute=minutes(starts),
            length_minutes=length if length > 0 else length + 1440,
            places=places,
            holidays=Holidays.SKIP if self.skips_holidays.data else Holidays.KEEP,
        )

    def _rule(self, first: date) -> Rule:
        end = self.end()
        freq, every = Freq(self.repeat.data), self.interval.data or 1
        if freq == Freq.WEEKLY:
            days = tuple(sorted({int(one) for one in self.days.data or ()})) or (first.weekday(),)
            return Rule(freq, every, days, count=end.count, until=end.until)
        if freq == Freq.DAILY:
            return Rule(freq, every, count=end.count, until=end.until)
        if self.monthly.data == BY_DAY:
            return Rule(freq, every, month_day=first.day, count=end.count, until=end.until)
        nth = (first.day - 1) // 7 + 1
        days = (first.weekday(),)
        return Rule(freq, every, days, nth if nth < 5 else -1, count=end.count, until=end.until)


class NewSeriesForm(NewActivityForm, RepeatForm):
    """An activity with its first shift, which may repeat."""

    def validate(self, extra_validators: Any = None) -> bool:
        """Check both; a course needs seats."""
        return _with_seats(self, super().validate(extra_validators))


class SeriesForm(ShiftForm, RepeatForm):
    """The same for an activity that is there already."""

    repeat = Choice(_l("怎么重复"), choices=choices(_REPEATS[1:]), default=Freq.WEEKLY.value)

    def validate(self, extra_validators: Any = None) -> bool:
        """Check both; a course needs seats."""
        return _with_seats(self, super().validate(extra_validators))


class DateForm(ShiftForm):
    """One shift: its span, its places, where it is held and who receives it."""

    place = text_field(_l("这一次的地点"), longest=120, required=False)
    host = text_field(_l("接待单位"), longest=60, required=False)
    volunteers = places_field(_l("要几名志愿者"))
    attendees = places_field(_l("多少人参加"))
    scope = RadioField(_l("改哪些"), choices=choices(SCOPE_LABELS.items()), default=Scope.ONE.value)

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each field; a number of places left empty stays as it is."""
        return bool(Form.validate(self, extra_validators))

    def fill(self, shift: Shift, capacities: dict[PlaceRole, int]) -> None:
        """Put in what the shift is now."""
        start, end = clock.local(shift.starts_at), clock.local(shift.ends_at)
        self.day.data, self.starts.data, self.ends.data = start.date(), start.time(), end.time()
        self.place.data, self.host.data = shift.place, shift.host
        for name, role in (("volunteers", PlaceRole.VOLUNTEER), ("attendees", PlaceRole.ATTENDEE)):
            if name in self:
                self[name].data = capacities.get(role)

    def offer(self, capacities: dict[PlaceRole, int]) -> None:
        """Ask only for the places the shift has; stalls have a page of their own."""
        if PlaceRole.VOLUNTEER not in capacities:
            del self.volunteers
        if PlaceRole.ATTENDEE not in capacities:
            del self.attendees

    def change(self, offering_place: str) -> DateChange:
        """Return the change; the offering's own place is no place of the shift's own."""
        length = minutes(self.ends.data) - minutes(self.starts.data)
        place = self.place.data or ""
        named = ((PlaceRole.VOLUNTEER, "volunteers"), (PlaceRole.ATTENDEE, "attendees"))
        return DateChange(
            day=self.day.data,
            starts_minute=minutes(self.starts.data),
            length_minutes=length if length > 0 else length + 1440,
            place="" if place == offering_place else place,
            host=self.host.data or "",
            capacities={
                role: self[name].data for role, name in named if name in self and self[name].data
            },
        )


def _with_seats(form: Any, fits: bool) -> bool:  # noqa: FBT001
    if fits and form.repeats and form.is_course.data and not form.attendees.data:
        form.add_error("attendees", _("课程要写明多少人参加"))
        return False
    return fits


def minutes(at: time) -> int:
    """Return the minute of the day."""
    return at.hour * 60 + at.minute


def next_same_weekday(last: datetime) -> date:
    """Return the day a week after, and again a week until it is to come."""
    day = clock.local_day(last) + timedelta(days=7)
    while day <= clock.today():
        day += timedelta(days=7)
    return day
