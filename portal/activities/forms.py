"""The shape of input about activities."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from wtforms import BooleanField, Field, HiddenField, IntegerField
from wtforms.validators import NumberRange, Optional, ValidationError

from portal.activities.actions import Details
from portal.core import clock
from portal.core.forms import (
    Choice,
    Form,
    choices,
    day_field,
    long_text_field,
    text_field,
    time_field,
)
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.org.models import Vocabulary
from portal.shifts.actions import NewShift
from portal.shifts.forms import ConditionsForm
from portal.shifts.models import PlaceRole

# The fields that are chosen from a vocabulary.
VOCABULARIES = {
    "kind": Vocabulary.ACTIVITY_KIND,
    "field": Vocabulary.FIELD,
    "target_group": Vocabulary.TARGET_GROUP,
}
MOST_PLACES = 5000
LONGEST_SHIFT = timedelta(hours=24)
_FARTHEST = timedelta(days=400)


def places_field(label: object) -> IntegerField:
    """Return a field for a number of places; empty means none of the kind."""
    return IntegerField(
        label,
        [Optional(), NumberRange(0, MOST_PLACES, _l("请填 0 到 5000 之间的整数"))],
        render_kw={"inputmode": "numeric", "min": "0"},
    )


class ShiftForm(Form):
    """A span on one local day (an end before the start is on the next day), and its places."""

    day = day_field(_l("日期"))
    starts = time_field(_l("开始"))
    ends = time_field(_l("结束"))
    volunteers = places_field(_l("要几名志愿者"))
    attendees = places_field(_l("多少人参加"))

    def validate_day(self, field: Field) -> None:
        """A day to come, within a year or so."""
        if field.data and not clock.today() <= field.data <= clock.today() + _FARTHEST:
            raise ValidationError(_l("请选择今天起、一年以内的日期"))

    def validate_ends(self, field: Field) -> None:
        """An end after the start."""
        if field.data is not None and field.data == self.starts.data:
            raise ValidationError(_l("结束时间要在开始之后"))

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each field, and that there is a place of one kind.

        The two may each be empty, and what stands on an empty field is not asked of it.
        """
        fits = bool(super().validate(extra_validators))
        if "volunteers" not in self or self.volunteers.data or self.attendees.data:
            return fits
        if not self.volunteers.errors and not self.attendees.errors:
            self.add_error("volunteers", _("请写明要几名志愿者，或者多少人参加"))
        return False

    def span(self) -> tuple[datetime, datetime]:
        """Return the span as UTC instants."""
        day: date = self.day.data
        starts: time = self.starts.data
        ends: time = self.ends.data
        last = day if ends > starts else day + timedelta(days=1)
        return clock.at_local(day, starts), clock.at_local(last, ends)

    def new_shift(self) -> NewShift:
        """Return the shift with its places."""
        wanted = (
            (PlaceRole.VOLUNTEER, self.volunteers.data),
            (PlaceRole.ATTENDEE, self.attendees.data),
        )
        places = tuple((role, capacity) for role, capacity in wanted if capacity)
        return NewShift(*self.span(), places)


class SpanForm(ShiftForm):
    """A shift's new span; its places stay."""

    volunteers = None
    attendees = None


class DetailsForm(ConditionsForm):
    """What an activity is made of. The first six fields are all a usual one needs."""

    title = text_field(_l("名称"), longest=60, shortest=2)
    kind = Choice(_l("类别"))
    place = text_field(_l("具体地点"), longest=120)
    summary = long_text_field(_l("做什么"), longest=2000, required=False)
    leader_name = text_field(_l("现场负责人"), longest=40, required=False)
    contact_phone = text_field(
        _l("联系电话"), longest=30, required=False, render_kw={"type": "tel"}
    )
    target_group = Choice(_l("适合谁"))
    field = Choice(_l("领域"))
    bring = text_field(_l("要带什么"), longest=200, required=False)
    is_risky = BooleanField(_l("这项活动有一定风险（要审核，要有保险，未满 18 岁不能参加）"))
    risk_note = text_field(_l("可能的风险"), longest=300, required=False)
    insurance_note = text_field(_l("保险说明"), longest=300, required=False)
    project = Choice(_l("属于哪个项目"), default="")
    team_only = BooleanField(_l("志愿者由队伍集体报名，不接受个人报名"))
    gives_training = Choice(
        _l("参加的人算接受了哪种培训"), choices=choices([("", _l("不是培训"))]), default=""
    )
    expected_persons = IntegerField(
        _l("预计一场来多少人"),
        [Optional(), NumberRange(0, 1_000_000, _l("请填 0 到 1000000 之间的整数"))],
        render_kw={"inputmode": "numeric", "min": "0"},
    )
    open_crowd = BooleanField(_l("随到随参加，不用报名（散场后报一次现场人数）"))
    permit_note = text_field(_l("公安许可（写文号）"), longest=300, required=False)

    TEXTS = (
        "title", "place", "summary", "leader_name", "contact_phone", "bring", "risk_note",
        "insurance_note",
    )  # fmt: skip

    def details(self, term_ids: Mapping[str, int], project_id: int | None = None) -> Details:
        """Return what was filled in; the ids of the chosen terms by field, and of the project."""
        texts: dict[str, Any] = {name: self[name].data or "" for name in self.TEXTS}
        return Details(
            kind_id=term_ids["kind"],
            field_id=term_ids["field"],
            target_group_id=term_ids["target_group"],
            is_risky=bool(self.is_risky.data),
            team_only=bool(self.team_only.data),
            project_id=project_id,
            minimum_age=self.minimum_age.data or 0,
            **texts,
        )


class NewActivityForm(DetailsForm, ShiftForm):
    """An activity with its first shift."""

    station = Choice(_l("所属站点"))
    then = HiddenField()


# What is asked of an activity made from a template; the rest is the template's.
SHORT = ("title", "day", "starts", "ends", "volunteers", "attendees")


class TemplateForm(Form):
    """A template's name, and whose it is."""

    name = text_field(_l("模板名称"), longest=60, shortest=2)
    station = Choice(_l("哪个站点的模板"))


class TemplateNameForm(Form):
    """A template's other name."""

    name = text_field(_l("模板名称"), longest=60, shortest=2)


class ReasonForm(Form):
    """Why."""

    reason = text_field(_l("原因"), longest=200)


class CallOffForm(ReasonForm):
    """Why it is called off, and whether people are told at once."""

    tell_now = BooleanField(_l("马上通知大家（就不能撤销了）"))
