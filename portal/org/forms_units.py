"""The shape of input about civilized units."""

from __future__ import annotations

from collections.abc import Iterable

from wtforms import HiddenField, TextAreaField
from wtforms.validators import DataRequired, Length

from portal.core.forms import Choice, Form, choices, phone_field, text_field
from portal.core.i18n import lazy_gettext as _l
from portal.org import rules_units as rules
from portal.org.models import Station
from portal.org.models_units import UNIT_KIND_LABELS

LONGEST_TEXT = 60_000


class UnitForm(Form):
    """What a unit is made of; `offer` puts in where it may lie."""

    name = text_field(_l("单位名称"), longest=rules.LONGEST_NAME, shortest=2)
    kind = Choice(_l("类别"), choices=choices(UNIT_KIND_LABELS.items()))
    station = Choice(_l("在哪个社区或者街道"), default="")
    address = text_field(_l("地址"), longest=rules.LONGEST_ADDRESS, required=False)
    phone = text_field(
        _l("电话"), longest=rules.LONGEST_PHONE, required=False, render_kw={"type": "tel"}
    )
    seen = HiddenField()

    def offer(self, stations: Iterable[Station], *, may_be_nowhere: bool) -> None:
        """Put in the places; only the whole tree's administrators may leave it open."""
        named = [(row.public_id, row.name) for row in stations]
        none = [("", _l("还不知道"))] if may_be_nowhere else []
        self.station.choices = choices([*none, *named])


class LiaisonForm(Form):
    """Who is to answer for the unit: somebody with an account."""

    phone = phone_field(_l("联络员的手机号"))


class UnitListForm(Form):
    """A list of units, pasted from a spreadsheet or a CSV file."""

    text = TextAreaField(
        _l("单位名单"),
        [
            DataRequired(_l("请填写这一项")),
            Length(max=LONGEST_TEXT, message=_l("最多 %(max)d 个字")),
        ],
        render_kw={"rows": 10},
    )
