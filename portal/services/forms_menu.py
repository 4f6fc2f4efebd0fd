"""The shape of a service of the menu, and of a category."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from wtforms import BooleanField, IntegerField, RadioField
from wtforms.validators import NumberRange, Optional

from portal.core.forms import (
    Choice,
    Form,
    choices,
    day_field,
    long_text_field,
    needed,
    text_field,
)
from portal.core.i18n import gettext as _
from portal.core.i18n import lang
from portal.core.i18n import lazy_gettext as _l
from portal.org.queries import Choice as Listed
from portal.services.models import SERVICE_PLACE_LABELS, ServicePlace


class ServiceForm(Form):
    """What stands on the menu; `offer` puts in the lists."""

    station = Choice(_l("哪个站点"), [needed(_l("请选择站点"))])
    title = text_field(_l("服务名称"), longest=60)
    category = Choice(_l("类别"), [needed(_l("请选择类别"))], default="")
    summary = long_text_field(_l("做什么"), longest=500)
    for_whom = text_field(_l("给谁做"), longest=120, required=False)
    bring = text_field(_l("要准备什么"), longest=200, required=False)
    usual_minutes = IntegerField(
        _l("大约多少分钟"),
        [Optional(), NumberRange(0, 1440, _l("请填分钟数，例如 60"))],
        render_kw={"inputmode": "numeric"},
    )
    place = RadioField(
        _l("在哪里做"),
        choices=choices(SERVICE_PLACE_LABELS.items()),
        default=ServicePlace.STATION,
    )
    provider = Choice(_l("固定由谁来做"), default="")
    open_to_claim = BooleanField(_l("可以开放给志愿者自己接单"))
    home_visit = BooleanField(_l("上门取件、办好送回（给来不了的人代办）"))
    in_use_from = day_field(_l("从哪天起可以点"))
    in_use_until = day_field(_l("到哪天为止"), required=False)

    def offer(
        self,
        stations: Iterable[tuple[str, str]],
        categories: Iterable[Listed],
        providers: Sequence[tuple[str, str]],
    ) -> None:
        """Put in what can be chosen."""
        english = lang() == "en"
        named = ((one.value, one.name_en if english else one.name_zh) for one in categories)
        self.station.choices = choices(stations)
        self.category.choices = choices([("", _("请选择")), *named])
        self.provider.choices = choices([("", _("不固定，每次再派")), *providers])


class CategoryForm(Form):
    """A category; below which one it stands is fixed once it is there."""

    name_zh = text_field(_l("中文名称"), longest=40)
    name_en = text_field(_l("英文名称"), longest=60)
    parent = Choice(_l("放在哪一类下面"), default="")
    active = BooleanField(_l("在用"), default=True)

    def offer(self, parents: Iterable[tuple[str, str]]) -> None:
        """Put in the categories of the first level."""
        self.parent.choices = choices([("", _("不放在下面，是一个大类")), *parents])
