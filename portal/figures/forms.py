"""The shape of input about API tokens."""

from __future__ import annotations

from portal.core.forms import Choice, Form, text_field
from portal.core.i18n import lazy_gettext as _l


class TokenForm(Form):
    """A name to know the token by, and the station whose figures it reads."""

    name = text_field(_l("给谁用"), longest=60)
    station = Choice(_l("可以看哪个站点（含下级）"))
