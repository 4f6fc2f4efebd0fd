"""The certificate as a file. It is made anew each time: the same sheet gives the same bytes."""

from __future__ import annotations

from flask import Response

from portal.certificates import sheet as sheets
from portal.certificates.models import Certificate
from portal.certificates.rules import Standing
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _


def file_of(row: Certificate, state: Standing) -> Response:
    """Return the PDF to keep or print. Raises Refused while there is nothing to print."""
    sheet, ways = sheets.sheet_of(row), sheets.ways_of(row)
    if state != Standing.VALID:
        raise Refused(_why_not(state))
    if sheet is None or not ways.typed:
        message = _("这份证明的内容读不出来了，请换一份新的。")
        raise Refused(Reason("unreadable", message))
    # The library and the whole Chinese font take some 80 MB: no process pays before it prints.
    from portal.certificates import paper  # noqa: PLC0415

    return Response(
        paper.pdf(sheet, ways),
        mimetype="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="certificate-{row.number}.pdf"',
            "Cache-Control": "no-store",
        },
    )


def _why_not(state: Standing) -> Reason:
    if state == Standing.IN_NOTICE:
        return Reason("in_notice", _("还在公示，公示结束才能下载。"))
    return Reason("does_not_hold", _("这份证明已经失效，不能再打印。请换一份新的。"))
