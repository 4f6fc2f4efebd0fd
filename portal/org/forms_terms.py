"""The shape of an entry of a list."""

from __future__ import annotations

from wtforms import IntegerField
from wtforms.validators import NumberRange, Optional

from portal.core.forms import Form, text_field
from portal.core.i18n import lazy_gettext as _l
from portal.org.actions_terms import TermDetails


class TermForm(Form):
    """The name of an entry in both languages."""

    name_zh = text_field(_l("中文名称"), longest=40)
    name_en = text_field(_l("英文名称"), longest=60)

    def details(self) -> TermDetails:
        """Return what was filled in."""
        return TermDetails(str(self.name_zh.data), str(self.name_en.data))


class TrainingForm(TermForm):
    """A training holds for some months, or for ever."""

    months = IntegerField(
        _l("有效几个月"),
        [Optional(), NumberRange(1, 120, _l("请填 1 到 120 之间的整数"))],
        render_kw={"inputmode": "numeric", "min": "1"},
    )

    def details(self) -> TermDetails:
        """Return what was filled in."""
        return TermDetails(str(self.name_zh.data), str(self.name_en.data), self.months.data)
