"""What is asked for a certificate, and by who checks one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from wtforms import Field, RadioField, StringField
from wtforms.validators import ValidationError

from portal.certificates import rules
from portal.certificates.models import REVOCATION_LABELS, Revocation
from portal.core.forms import Choice, Form, choices, day_field, long_text_field, needed
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.org.models import Station
from portal.people.counter import IDENTIFIED_LABELS
from portal.people.models_consents import CHANNEL_LABELS, STAFF_WAYS


class ScopeForm(Form):
    """Which days, and where; `offer` puts in the units with records of the person."""

    station = Choice(_l("哪里的服务"), [needed(_l("请选择单位"))])
    first = day_field(_l("从哪天"), name="from", id="from")
    last = day_field(_l("到哪天"), name="to", id="to")

    def offer(self, units: Iterable[Station], since: date, today: date) -> None:
        """Put in the units, the widest first, the day of the first record, and today."""
        self.since, self.today = since, today
        rows = list(units)
        self.units = {row.public_id: row for row in rows}
        named = ((row.public_id, self._named(row, row is rows[0])) for row in rows)
        self.station.choices = choices(named)

    @staticmethod
    def _named(row: Station, is_widest: bool) -> str:  # noqa: FBT001
        return _("全部（%(unit)s）", unit=row.name) if is_widest else row.name

    def validate_last(self, field: Field) -> None:
        """The period ends today at the latest, and not before it begins."""
        if field.data and field.data > self.today:
            raise ValidationError(_("最晚到今天"))
        if field.data and self.first.data and field.data < self.first.data:
            raise ValidationError(_("结束日期不能早于开始日期"))


class BehalfForm(Form):
    """How the wish reached the desk, and how staff knew whose it is."""

    way = RadioField(
        _l("本人怎么提出的"),
        [needed(_l("请选一项"))],
        choices=choices((one.value, CHANNEL_LABELS[one]) for one in STAFF_WAYS),
    )
    identified = RadioField(
        _l("怎么确认是本人"),
        [needed(_l("请选一项"))],
        choices=choices((one.value, label) for one, label in IDENTIFIED_LABELS.items()),
    )

    def known(self) -> dict[str, str]:
        """Return the codes that the log keeps."""
        return {"channel": self.way.data, "identified": self.identified.data}


class RevocationForm(Form):
    """Why a certificate is taken back: the reason everybody reads, the words only the person."""

    reason = RadioField(
        _l("为什么撤销"),
        [needed(_l("请选一项"))],
        choices=choices(
            (one.value, label)
            for one, label in REVOCATION_LABELS.items()
            if one != Revocation.ERASED
        ),
    )
    words = long_text_field(_l("写给本人的话"), longest=300)


class CheckForm(Form):
    """The number and the code on the paper."""

    number = StringField(
        _l("编号"),
        [needed(_l("请填写编号"))],
        [rules.normal],
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )
    code = StringField(
        _l("查验码"),
        [needed(_l("请填写查验码"))],
        [rules.normal],
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )
