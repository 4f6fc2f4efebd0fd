"""The shape of what is said to us, and of what the desk does with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wtforms import BooleanField, Field, HiddenField, RadioField, StringField
from wtforms.validators import InputRequired, ValidationError

from portal.core.forms import (
    Choice,
    Form,
    choices,
    clean,
    long_text_field,
    needed,
    normal_phone,
    phone_field,
    text_field,
)
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.feedback import rules
from portal.feedback.contact import Contact
from portal.org.models import Station, Term
from portal.people.models_consents import CHANNEL_LABELS, Channel

STAFF_WAYS = (Channel.DESK, Channel.PHONE, Channel.PAPER)


class FeedbackForm(Form):
    """What somebody has to say; `offer` puts in the lists. Who is signed in gives no contact."""

    kind = RadioField(_l("是哪一类"), [needed(_l("请选择是哪一类"))])
    words = long_text_field(_l("想说的话"), longest=1000, render_kw={"rows": 6})
    station = Choice(_l("和哪个站点有关"), default="")
    about_staff = BooleanField(_l("投诉的是站点的工作人员"))
    name = text_field(_l("怎么称呼您"), longest=40, required=False)
    phone = phone_field(_l("手机号"), required=False)
    about = HiddenField()
    key = HiddenField()

    def offer(self, kinds: Sequence[Term], stations: Iterable[Any], *, signed_in: bool) -> None:
        """Put in what can be chosen."""
        self.kind.choices = choices((row.code, row.label) for row in kinds)
        named = ((one.value, one.name_zh) for one in stations)
        self.station.choices = choices([("", _l("不清楚，或者和站点无关")), *named])
        if signed_in:
            del self.name
            del self.phone

    def validate_about_staff(self, field: Field) -> None:
        """Staff are the subject of a complaint, and belong to a station."""
        if not field.data:
            return
        if self.kind.data != rules.COMPLAINT:
            raise ValidationError(_("投诉工作人员，请在上面选“投诉”"))
        if not self.station.data:
            raise ValidationError(_("请在上面选这位工作人员所在的站点，由它的上一级来答复"))

    def contact(self) -> Contact:
        """Return how to reach who filed it."""
        if "phone" not in self:
            return Contact()
        return Contact(str(self.name.data or ""), str(self.phone.data or ""))


class DeskFeedbackForm(FeedbackForm):
    """The same for somebody who came, called, or wrote on paper."""

    channel = RadioField(
        _l("怎么收到的"),
        choices=choices((way.value, CHANNEL_LABELS[way]) for way in STAFF_WAYS),
        default=Channel.DESK.value,
    )


def _digits(value: str | None) -> str:
    return rules.normal_number(clean(value))


def _proof(value: str | None) -> str:
    return normal_phone(clean(value))


class TrackForm(Form):
    """The number that was kept, and what proves that it is one's own."""

    number = StringField(
        _l("编号"), [needed(_l("请填写编号"))], [_digits], render_kw={"inputmode": "numeric"}
    )
    proof = StringField(
        _l("手机号，或者 6 位查询码"),
        [InputRequired(_l("请填写手机号或者查询码"))],
        [_proof],
        render_kw={"inputmode": "numeric"},
    )


class ReopenForm(Form):
    """Why the answer does not do."""

    words = long_text_field(_l("哪里还不满意"), longest=500, id="reopen-words")


class AnswerForm(Form):
    """The answer; the person reads it."""

    words = long_text_field(_l("答复"), longest=1000, id="answer-words")


class DeclineForm(Form):
    """Why it cannot be done; the person reads it."""

    words = long_text_field(_l("为什么办不了"), longest=500, id="decline-words")


class HandOverForm(Form):
    """To whom, and what they should know; the person reads only to whom."""

    target = Choice(_l("转给谁"), [needed(_l("请选择转给谁"))], default="")
    words = long_text_field(_l("转办说明"), longest=500, id="hand-over-words")

    def offer(self, stations: Sequence[Station], ways: Mapping[str, Any]) -> None:
        """Put in the stations, and the office where it is not there yet."""
        named = ((row.public_id, row.name) for row in stations)
        self.target.choices = choices([("", _l("请选择")), *ways.items(), *named])
