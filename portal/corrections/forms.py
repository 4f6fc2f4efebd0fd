"""The shape of a request, of further evidence, and of an answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from flask_wtf.file import MultipleFileField
from wtforms import Field, HiddenField, IntegerField, RadioField
from wtforms.validators import NumberRange, Optional, ValidationError

from portal.core import clock
from portal.core.forms import (
    Choice,
    Form,
    NotFuture,
    choices,
    day_field,
    long_text_field,
    needed,
    text_field,
    time_field,
)
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.hours.rules import Span
from portal.org.models import Station, Term

_ACCEPTED = {"accept": "image/jpeg,image/png,image/webp,application/pdf"}
TIMES, TAKE_BACK = "times", "take_back"


def _files_field() -> MultipleFileField:
    return MultipleFileField(_l("材料"), render_kw=_ACCEPTED)


class TimesForm(Form):
    """From when until when, without the rest in between; why; and what shows it."""

    begun = time_field(_l("从几点"))
    ended = time_field(_l("到几点"))
    rest = IntegerField(
        _l("中间休息几分钟"),
        [Optional(), NumberRange(0, 720, _l("请填 0 到 720 之间的整数"))],
        render_kw={"inputmode": "numeric", "type": "text"},
    )
    reason = long_text_field(_l("为什么没有记上"), longest=500, render_kw={"rows": 3})
    evidence = _files_field()
    key = HiddenField()
    # Whether what it is about went on over midnight.
    over_midnight = False

    def validate_ended(self, field: Field) -> None:
        """It ends after it begins."""
        if not (self.begun.data and field.data):
            return
        if field.data == self.begun.data or (
            field.data < self.begun.data and not self.over_midnight
        ):
            raise ValidationError(_("结束要晚于开始"))

    def span_on(self, day: date) -> Span:
        """Return the span, begun on this day; an earlier end is that of the next day."""
        over = self.ended.data < self.begun.data
        last = day + timedelta(days=1) if over else day
        return Span(clock.at_local(day, self.begun.data), clock.at_local(last, self.ended.data))

    def seconds(self, span: Span) -> float:
        """Return how long it was, without the rest."""
        return max(0.0, span.seconds - 60 * (self.rest.data or 0))


class ShiftForm(TimesForm):
    """What is missing of a shift."""


class CorrectionForm(TimesForm):
    """What is wrong with a record: other times, or that it should not be there."""

    what = RadioField(
        _l("要怎么改"),
        choices=choices(
            ((TIMES, _l("时间不对，改成下面的时间")), (TAKE_BACK, _l("这一条不该有，撤掉")))
        ),
        default=TIMES,
    )
    begun = time_field(_l("从几点"), required=False)
    ended = time_field(_l("到几点"), required=False)
    reason = long_text_field(_l("哪里不对"), longest=500, render_kw={"rows": 3})

    def validate_what(self, field: Field) -> None:
        """Other times need both."""
        if field.data == TIMES and not (self.begun.data and self.ended.data):
            raise ValidationError(_("请填从几点到几点"))


class UnplannedForm(TimesForm):
    """Service that nobody planned: what, where, for which station, when, and its story."""

    title = text_field(_l("做了什么"), longest=60)
    station = Choice(_l("哪个站点的服务"), [needed(_l("请选择站点"))], default="")
    place = text_field(_l("在哪里"), longest=120)
    kind = Choice(_l("属于哪一类"), [needed(_l("请选择一类"))], default="")
    day = day_field(_l("哪一天"))
    story = long_text_field(_l("经过"), longest=1000, render_kw={"rows": 5})
    reason = long_text_field(_l("为什么没有事先安排"), longest=500, render_kw={"rows": 3})

    def offer(self, stations: Iterable[Station], kinds: Iterable[Term]) -> None:
        """Put in what can be chosen."""
        first = ("", _l("请选择"))
        self.station.choices = choices([first, *((one.public_id, one.name) for one in stations)])
        self.kind.choices = choices([first, *((one.code, one.label) for one in kinds)])

    def validate_day(self, field: Field) -> None:
        """A day that has been."""
        NotFuture(clock.today)(self, field)


class DayForm(Form):
    """On which day the shift was."""

    day = day_field(_l("哪一天"))


class EvidenceForm(Form):
    """Further files."""

    evidence = MultipleFileField(_l("材料"), id="more-evidence", render_kw=_ACCEPTED)


class ApproveForm(Form):
    """That it may stand; a word if they like."""

    note = long_text_field(_l("说明"), longest=300, required=False, id="approve-note")


class ReturnForm(Form):
    """What is missing; the person reads it."""

    note = long_text_field(_l("要补充什么"), longest=500, id="return-note")


class RefuseForm(Form):
    """Why not; the person reads it."""

    note = long_text_field(_l("为什么不通过"), longest=500, id="refuse-note")
