"""The shape of what somebody found out."""

from __future__ import annotations

from wtforms import RadioField

from portal.core.forms import Form, choices, long_text_field, needed
from portal.core.i18n import lazy_gettext as _l

VERB_LABELS = {
    "fine": _l("没问题，有正当的原因"),
    "corrected": _l("有问题，已经按更正流程改好"),
    "talk": _l("先找人问一问，以后再定"),
}


class DecisionForm(Form):
    """What came of it, and why."""

    verb = RadioField(
        _l("看过以后"), [needed(_l("请选一项"))], choices=choices(VERB_LABELS.items())
    )
    words = long_text_field(_l("说明"), longest=500, render_kw={"rows": 3})
