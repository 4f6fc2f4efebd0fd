"""The shape of input about civilized units."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from wtforms import FileField, HiddenField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from portal.core import sheets
from portal.core.forms import Choice, Form, choices, phone_field, text_field
from portal.core.i18n import lazy_gettext as _l
from portal.core.sheets import MEGABYTE, Bounds, Unreadable
from portal.org import rules_units as rules
from portal.org.models import Station
from portal.org.models_units import UNIT_KIND_LABELS

LONGEST_TEXT = 60_000
# Name, kind, place, address, telephone.
CELLS = 5
BOUNDS = Bounds(megabytes=2, rows=rules.LONGEST_LIST, cell=200)


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
    """A list of units: pasted from a spreadsheet, or a file that is put in its place."""

    text = TextAreaField(
        _l("单位名单"),
        [
            DataRequired(_l("请填写这一项")),
            Length(max=LONGEST_TEXT, message=_l("最多 %(max)d 个字")),
        ],
        render_kw={"rows": 10},
    )
    file = FileField(_l("或者传一个文件"), render_kw={"accept": ".xlsx,.csv"})

    unreadable = ""

    def take_file(self) -> None:
        """Put the file, when there is one, where it may be looked over and mended."""
        if not self.file.data:
            return
        try:
            content = self.file.data.read(BOUNDS.megabytes * MEGABYTE + 1)
            self.text.data = _as_text(sheets.rows(content, BOUNDS))
        except Unreadable as error:
            self.unreadable = str(error)
            self.text.validators = []

    def validate_file(self, _field: FileField) -> None:
        """A file that cannot be read says why."""
        if self.unreadable:
            raise ValidationError(self.unreadable)


def _as_text(rows: Iterable[Sequence[object]]) -> str:
    """Return rows as a spreadsheet copies them, a line each, so that their numbers stay."""
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter="\t", lineterminator="\n")
    for row in rows:
        said = [" ".join(sheets.text(cell, BOUNDS).split()) for cell in row[:CELLS]]
        writer.writerow([*said, *[""] * (CELLS - len(said))])
    return stream.getvalue().rstrip()
