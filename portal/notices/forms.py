"""The shape of what a person chooses about notices."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection

from wtforms import BooleanField, Field, RadioField, StringField
from wtforms.validators import Length, Regexp, ValidationError

from portal.config import MAIL_ADDRESS
from portal.core.forms import Choice, Choices, Form, choices, clean, needed
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.notices import choosing
from portal.notices.models_reach import Channel, NoticePreference, NoticeReach
from portal.notices.topics import TOPIC_LABELS, Topic

DISTRICT, OWN, NEVER = "district", "own", "never"
_HOURS = [(str(hour), f"{hour:02}:00") for hour in range(24)]
_TOPICS = [(topic.value, label) for topic, label in TOPIC_LABELS.items()]


def _address(value: str | None) -> str:
    return unicodedata.normalize("NFKC", clean(value) or "").replace(" ", "")


def _digits(value: str | None) -> str:
    return "".join(unicodedata.normalize("NFKC", clean(value) or "").split())


class AddressForm(Form):
    """A mail address, to which a code goes."""

    address = StringField(
        _l("邮箱地址"),
        [
            needed(_l("请填写邮箱地址")),
            Length(max=200, message=_l("最多 %(max)d 个字")),
            Regexp(f"^(?:{MAIL_ADDRESS.pattern})$", message=_l("邮箱的样子是 name@example.com")),
        ],
        [_address],
        render_kw={"type": "email", "inputmode": "email", "autocomplete": "email"},
    )


class CodeForm(Form):
    """The code that was mailed."""

    code = StringField(
        _l("邮件里的 6 位验证码"),
        [needed(_l("请填写验证码")), Regexp(r"^[0-9]{6}$", message=_l("验证码是 6 位数字"))],
        [_digits],
        render_kw={"inputmode": "numeric", "autocomplete": "one-time-code"},
    )


class ChoicesForm(Form):
    """When, in which language, and of what by which channel."""

    reminders = BooleanField(_l("报了名的，开始前提醒我"))
    email = Choices(_l("哪些发到邮箱"), choices=choices(_TOPICS))
    sms = Choices(_l("哪些发短信"), choices=choices(_TOPICS))
    wechat = Choices(_l("哪些发微信"), choices=choices(_TOPICS))
    quiet = RadioField(_l("什么时候不要发"), [needed(_l("请选一项"))])
    quiet_from = Choice(_l("从几点起不要发"), choices=choices(_HOURS))
    quiet_until = Choice(_l("到几点"), choices=choices(_HOURS))
    lang = RadioField(
        _l("发来的话用哪种语言"),
        [needed(_l("请选一项"))],
        choices=choices([("zh", "中文"), ("en", "English")]),
    )

    def offer(self, open_ones: Collection[Channel], district: str) -> ChoicesForm:
        """Leave the channels that the person has agreed to, and say the district's hours."""
        for channel in Channel:
            if channel not in open_ones:
                del self[channel.value]
        if not open_ones:
            for name in ("quiet", "quiet_from", "quiet_until", "lang"):
                del self[name]
            return self
        named = [
            (DISTRICT, _("和区里一样：%(hours)s 不发", hours=district)),
            (OWN, _("我自己定，选下面两个钟点")),
            (NEVER, _("什么时候都可以发")),
        ]
        self.quiet.choices = choices(named)
        return self

    def validate_quiet_until(self, field: Field) -> None:
        """Two equal hours would be no span."""
        if self.quiet.data == OWN and field.data == self.quiet_from.data:
            raise ValidationError(_("两个钟点一样。要是什么时候都可以发，请选上面那一项"))

    def chosen(self, before: NoticePreference) -> choosing.Choices:
        """Return what was chosen; what is not on the page stays."""
        topics = {
            channel: [Topic(one) for one in self[channel.value].data or ()]
            for channel in Channel
            if channel.value in self
        }
        hours = (before.quiet_from, before.quiet_until)
        if "quiet" in self:
            own = (int(self.quiet_from.data), int(self.quiet_until.data))
            hours = {DISTRICT: (None, None), NEVER: (0, 0)}.get(self.quiet.data, own)
        lang = self.lang.data if "lang" in self else before.lang
        return choosing.Choices(topics, bool(self.reminders.data), lang, *hours)


def as_chosen(row: NoticePreference, reaches: Collection[NoticeReach]) -> dict[str, object]:
    """Return what the form begins with."""
    kind = OWN if row.quiet_from is not None else DISTRICT
    if kind == OWN and row.quiet_from == row.quiet_until:
        kind = NEVER
    own = row.quiet_from is not None and kind == OWN
    return {
        "reminders": row.reminders,
        "lang": row.lang,
        "quiet": kind,
        "quiet_from": str(row.quiet_from if own else 21),
        "quiet_until": str(row.quiet_until if own else 8),
        **{reach.channel: list(reach.topics) for reach in reaches},
    }
