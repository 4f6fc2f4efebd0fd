"""The shape of input about a close-out: only what applies to the shift."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from decimal import Decimal
from typing import Any

from wtforms import DecimalField, Field, FileField, HiddenField, IntegerField, RadioField
from wtforms.validators import NumberRange, Optional, ValidationError

from portal.attendance.models_headcounts import METHOD_LABELS, MOST_HEADS, Method
from portal.attendance.rules_headcounts import Heads
from portal.closeouts import rules
from portal.closeouts.actions_photos import Shot
from portal.closeouts.models import (
    MOST_HUNDREDTHS,
    QUALITY_LABELS,
    SHOWN_LABELS,
    Outcome,
    Shown,
)
from portal.closeouts.rules import Told
from portal.core.forms import Form, choices, long_text_field, text_field
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.org.models import Term, TermUnit
from portal.records import files

NOBODY_COUNTED = "none"
_WITHOUT = (*((one.value, label) for one, label in METHOD_LABELS.items()),
            (NOBODY_COUNTED, _l("没有清点")))  # fmt: skip
_MOST = Decimal(MOST_HUNDREDTHS) / 100


def _fits_hundredths(_form: Form, field: Field) -> None:
    if field.data is not None and field.data != field.data.quantize(Decimal("0.01")):
        raise ValidationError(_l("小数点后最多两位"))


def amount_field(term: Term, unit: TermUnit | None) -> DecimalField:
    """Return a field for how much there was of an output."""
    label = _("%(name)s（%(unit)s）", name=term.label, unit=unit.label) if unit else term.label
    bounds = NumberRange(0, _MOST, _l("请填 0 到 999999.99 之间的数"))
    return DecimalField(
        label, [Optional(), bounds, _fits_hundredths], render_kw={"inputmode": "decimal"}
    )


class CloseoutForm(Form):
    """What came of a shift; the counters are data and stand beside it."""

    seen = HiddenField(default="0")
    number = IntegerField(
        _l("来了多少人（签到的不算在内）"),
        [Optional(), NumberRange(0, MOST_HEADS, _l("请填 0 到 1000000 之间的整数"))],
        render_kw={"inputmode": "numeric", "min": "0"},
    )
    method = RadioField(_l("怎么知道的"), choices=choices(_WITHOUT), default=Method.COUNTED.value)
    counted_by = text_field(_l("谁数的"), longest=40, required=False)
    quality = RadioField(
        _l("志愿者这一场服务得怎么样"),
        [Optional()],
        choices=choices((str(key), label) for key, label in QUALITY_LABELS.items()),
    )
    remark = long_text_field(_l("想补充的话"), longest=500, required=False)
    photo = FileField(_l("照片"), render_kw={"accept": "image/jpeg,image/png,image/webp"})
    shown = RadioField(_l("照片里有谁"), [Optional()], choices=choices(SHOWN_LABELS.items()))

    def validate(self, extra_validators: object = None) -> bool:
        """A headcount is a number with how it is known, or said not to be; a photo says who is seen."""
        fine: bool = super().validate(extra_validators)
        if fine and "number" in self:
            fine = self._heads_fit()
        if fine and self.photo.data and not self.shown.data:
            self.add_error("shown", _("请说明照片里有谁。有人不同意，就不要放照片"))
            fine = False
        return fine

    def _heads_fit(self) -> bool:
        counted = self.method.data != NOBODY_COUNTED
        if counted and self.number.data is None:
            self.add_error("number", _("请填人数。没有人清点过，就选「没有清点」"))
            return False
        if not counted and self.number.data is not None:
            self.add_error("method", _("填了人数，请选是数的还是估计的"))
            return False
        return True

    def told(self, counters: Sequence[Term]) -> Told:
        """Return what a valid form tells."""
        return Told(
            Outcome.REPORTED,
            int(self.quality.data) if self.quality.data else None,
            self.remark.data or "",
            {
                term.id: rules.hundredths(self[field_name(term)].data)
                for term in counters
                if self[field_name(term)].data
            },
            self._heads(),
        )

    def _heads(self) -> Heads | None:
        if "number" not in self or self.number.data is None:
            return None
        by = self.counted_by.data or ""
        return Heads(self.number.data, Method(self.method.data), by)

    def shot(self) -> Shot | None:
        """Return the photo redrawn, before anything is locked. Raises Invalid for what is none."""
        if not self.photo.data:
            return None
        with closing(self.photo.data) as sent:  # a large one is a temporary file
            picture = files.picture(sent.read(files.MOST_BYTES + 1))
        return Shot(picture, Shown(self.shown.data))

    @property
    def version_seen(self) -> int:
        """The version the teller had before them."""
        text = str(self.seen.data or "")
        return int(text) if text.isdecimal() and len(text) < 5 else 0


def field_name(term: Term) -> str:
    """Return the name of a counter's field."""
    return f"counter_{term.code}"


def form_of(
    counters: Sequence[Term], units: Mapping[int, TermUnit], *, asks_heads: bool, **given: Any
) -> CloseoutForm:
    """Return the form with a field for each counter, and without heads where nobody counts them."""
    fields = {field_name(term): amount_field(term, units.get(term.id)) for term in counters}
    form: CloseoutForm = type("CloseoutFormOfTerms", (CloseoutForm,), dict(fields))(**given)
    if not asks_heads:
        del form.number, form.method, form.counted_by
    return form


def fill(form: CloseoutForm, told: Told, counters: Sequence[Term]) -> None:
    """Put in what was told before."""
    form.quality.data = str(told.quality) if told.quality else None
    form.remark.data = told.remark
    for term in counters:
        if term.id in told.amounts:
            form[field_name(term)].data = rules.amount(told.amounts[term.id])


def fill_heads(form: CloseoutForm, heads: Heads | None, *, told: bool) -> None:
    """Put in the number that is known; where it is told that nobody counted, that."""
    if "number" not in form:
        return
    if heads:
        form.number.data, form.method.data = heads.number, heads.method.value
        form.counted_by.data = heads.counted_by
        # What was counted cannot be uncounted; another number takes its place.
        form.method.choices = choices(METHOD_LABELS.items())
    elif told:
        form.method.data = NOBODY_COUNTED
