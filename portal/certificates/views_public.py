"""Checking a certificate: by the code in its address, or by number and code typed by hand."""

from __future__ import annotations

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue

from portal.certificates import queries, rules, words
from portal.certificates import sheet as sheets
from portal.certificates.blueprint import bp
from portal.certificates.forms import CheckForm
from portal.certificates.models import Certificate
from portal.certificates.rules import Standing
from portal.core import clock, tokens
from portal.core.access import public
from portal.core.copies import cached
from portal.core.db import write
from portal.core.failures import error_page, too_many
from portal.core.i18n import gettext as _
from portal.core.tables import page_number
from portal.core.web import changed, invalid, page
from portal.records import limits, settings


@bp.route("/certificates", methods=["GET", "POST"])
@public
def check() -> ResponseReturnValue:
    """Ask for number and code; an unknown number and a wrong code are told alike."""
    form = CheckForm()
    if request.method == "GET":
        return page("certificates/check.html", form=form, has_notice=_has_notice())
    if not form.validate():
        return invalid("certificates/check.html", form=form, has_notice=_has_notice())
    number, code, now = str(form.number.data), str(form.code.data), clock.now()
    attempts = (limits.CERTIFICATE_NUMBER, number), (limits.CERTIFICATE_ADDRESS, _address())
    wait = limits.longest_wait(*attempts, now=now)
    if wait:
        return too_many(wait, _("试的次数太多了，请过一会儿再试，或者打电话问。"))
    known = _code_if_proved(queries.by_number(number), code)
    if not known:
        write(limits.count_all, *attempts, now=now)
        form.add_error("code", _("编号和查验码对不上。请照着纸上的再核对一遍。"))
        return invalid("certificates/check.html", form=form, has_notice=_has_notice())
    return changed(url_for("certificates.checked", code=known))


def _code_if_proved(row: Certificate | None, typed: str) -> str:
    """Return the whole code when its typed part, or all of it, was given."""
    code = sheets.code_of(row) if row else ""
    proved = (
        code and typed and (tokens.same(rules.typed_part(code), typed) or tokens.same(code, typed))
    )
    return code if proved else ""


@bp.get("/certificates/<code>")
@public
def checked(code: str) -> ResponseReturnValue:
    """Show to who holds the paper whether it is true, with no more of a name than its beginning."""
    row = queries.by_code(rules.normal(code))
    if row is None:
        return _unknown()
    return page("certificates/checked.html", one=words.compared(row, clock.today()))


def _unknown() -> ResponseReturnValue:
    now, attempt = clock.now(), (limits.CERTIFICATE_ADDRESS, _address())
    wait = limits.longest_wait(attempt, now=now)
    if wait:
        return too_many(wait, _("试的次数太多了，请过一会儿再试，或者打电话问。"))
    write(limits.count_all, attempt, now=now)
    message = _("没有查到这份证明。请核对网址，或者填纸上的编号和查验码。查不到的证明不要相信。")
    return error_page(404, message, title=_("没有这份证明"))


@bp.get("/certificates/notice")
@public
def notice() -> ResponseReturnValue:
    """List what is in public notice, and say how to object."""
    return cached(_notice)


def _notice() -> Response:
    today = clock.today()
    found = queries.in_notice(page_number(), today)
    rows = [one for one in words.seen(found.rows, today) if one.state == Standing.IN_NOTICE]
    days = settings.get("certificate_notice_days")
    return page("certificates/notice.html", found=found, rows=rows, days=days)


def _has_notice() -> bool:
    return bool(settings.get("certificate_notice_days"))


def _address() -> str:
    return request.remote_addr or ""
