"""The shape of input about pledges and what comes of them."""

from __future__ import annotations

from datetime import datetime, time

from flask_wtf.file import FileField
from wtforms import IntegerField, RadioField, TimeField
from wtforms.validators import NumberRange, Optional

from portal.core import clock
from portal.core.forms import Choice, Choices, Form, choices, day_field, long_text_field, text_field
from portal.core.i18n import lazy_gettext as _l
from portal.wishes.models_stories import SHOWN_LABELS
from portal.wishes.rules import LONGEST_HELP_MINUTES

STARS = (("5", _l("很满意")), ("4", _l("满意")), ("3", _l("一般")), ("2", _l("不太满意")),
          ("1", _l("不满意")))  # fmt: skip

TELLING = (("no", _l("不要")), ("words", _l("可以，只写文字，不写姓名")),
            ("photo", _l("可以，也可以放照片")))  # fmt: skip


class PledgeForm(Form):
    """By when, which part, and for which team (the view passes parts and teams in)."""

    promised_on = day_field(_l("哪天以前办好"))
    part = Choice(_l("认领哪一份"))
    team = Choice(_l("以谁的名义"))


class ReturnForm(Form):
    """Why somebody cannot do it after all."""

    reason = text_field(_l("为什么办不了"), longest=200)


class ExtensionForm(Form):
    """Until when it is put off, and why."""

    promised_on = day_field(_l("延到哪天"))
    extension_reason = text_field(_l("延期原因"), longest=200, required=False)


class DeliveryForm(Form):
    """What was delivered, with a photo if they like; and, where it took time, when and how long."""

    note = long_text_field(_l("怎么办的"), longest=500, required=False)
    helped_on = day_field(_l("哪天去的"), required=False)
    helped_from = TimeField(_l("几点开始"), [Optional()])
    minutes = IntegerField(
        _l("用了多少分钟（不算路上）"),
        [Optional(), NumberRange(1, LONGEST_HELP_MINUTES, _l("请填分钟数，例如 60"))],
        render_kw={"inputmode": "numeric"},
    )

    helpers = Choices(_l("一起去的队员"), coerce=str)
    photo = FileField(_l("照片"), render_kw={"accept": "image/jpeg,image/png,image/webp"})
    shown = RadioField(_l("照片里有谁"), [Optional()], choices=choices(SHOWN_LABELS.items()))

    def validate(self, extra_validators: object = None) -> bool:
        """Time given needs all three: the day, the hour, and how long."""
        fine: bool = super().validate(extra_validators)
        given = (self.helped_on, self.helped_from, self.minutes)
        if fine and any(one.data for one in given):
            for one in given:
                if one.data is None:
                    self.add_error(one.name, str(_l("要记服务时间，日期、时刻和分钟数都要填")))
                    fine = False
        if fine and self.photo.data and not self.shown.data:
            self.add_error("shown", str(_l("请说明照片里有谁。有人不同意，就不要放照片")))
            fine = False
        return fine

    @property
    def starts_at(self) -> datetime:
        """When the help began."""
        return clock.at_local(self.helped_on.data, self.helped_from.data or time(0))


class ConfirmationForm(Form):
    """How satisfied the wisher is."""

    satisfaction = RadioField(_l("满意吗"), choices=choices(STARS))
    note = long_text_field(_l("想说的话"), longest=300, required=False)
    may_tell = RadioField(
        _l("可以把它写成小故事给大家看吗"), [Optional()], choices=choices(TELLING), default="no"
    )

    @property
    def with_photo(self) -> bool | None:
        """Whether photos may be shown with the story; None when it is not to be told."""
        return None if self.may_tell.data in {None, "no"} else self.may_tell.data == "photo"


class ReopeningForm(Form):
    """What is not done yet."""

    shortfall = long_text_field(_l("还差什么"), longest=300)
