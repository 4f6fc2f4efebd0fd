"""The shape of input about imports."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import FileField

from portal.core.forms import Choice, Form, choices, needed
from portal.core.i18n import lazy_gettext as _l
from portal.org.models import Station


class UploadForm(Form):
    """A file, and for which station."""

    station = Choice(_l("导入到哪个站点"))
    file = FileField(
        _l("填好的表格"), [needed(_l("请选一个文件。"))], render_kw={"accept": ".xlsx,.csv"}
    )

    def offer(self, stations: Sequence[Station]) -> None:
        """Put in the stations; the first is what one begins with."""
        self.station.choices = choices((row.public_id, row.name) for row in stations)
