"""The shape of input about what is printed."""

from __future__ import annotations

from typing import Any

from wtforms import IntegerField
from wtforms.validators import NumberRange

from portal.attendance.papers import CARDS_A_PAGE
from portal.core.forms import Choice, Form, choices, needed
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.shifts.models import PLACE_ROLE_LABELS, PlaceRole

_MOST_BLANK = 200


class SheetForm(Form):
    """How many blank rows a sign-in sheet has for who walks in."""

    blank = IntegerField(
        _l("给没报名的人留几行空白"),
        [
            needed(_l("请填 0 到 200 之间的整数")),
            NumberRange(0, _MOST_BLANK, _l("请填 0 到 200 之间的整数")),
        ],
        default=10,
        render_kw={"inputmode": "numeric", "min": "0"},
    )


class CardsForm(Form):
    """Whose cards, and how many on a page."""

    role = Choice(_l("给谁"), default=PlaceRole.VOLUNTEER.value)
    size = Choice(_l("一页几张"), default=str(CARDS_A_PAGE[0]))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = [(role.value, PLACE_ROLE_LABELS[role]) for role in PlaceRole]
        self.role.choices = choices([*roles, ("", _("所有人"))])
        self.size.choices = choices((str(n), _("%(n)d 张", n=n)) for n in CARDS_A_PAGE)
