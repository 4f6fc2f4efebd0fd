"""How a person wants to be told: the page of choices, and the proof of a mail address."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock, filters
from portal.core.access import allowed, current_actor, signed_in
from portal.core.db import write
from portal.core.errors import Invalid, Refused
from portal.core.i18n import gettext as _
from portal.core.web import changed, invalid, page
from portal.notices import addresses, choosing, queries
from portal.notices.forms import AddressForm, ChoicesForm, CodeForm, as_chosen
from portal.notices.models_reach import CHANNEL_LABELS, Channel, NoticeReach
from portal.notices.senders import channels
from portal.people import queries as people
from portal.records import settings

bp = Blueprint("notices", __name__)
_PAGE = "notices/choices.html"


@bp.get("/me/notices/choices")
@allowed(signed_in)
def choices() -> ResponseReturnValue:
    """Show what was chosen."""
    return page(_PAGE, **_shown())


@bp.post("/me/notices/choices")
@allowed(signed_in)
def choose() -> ResponseReturnValue:
    """Keep what was chosen."""
    actor = current_actor()
    form = _offered(ChoicesForm(), _open(queries.reaches(actor.person_id or 0)))
    if not form.validate():
        return invalid(_PAGE, **_shown(form=form))
    chosen = form.chosen(queries.preference(actor.person_id or 0))
    write(choosing.choose, actor.person_id or 0, chosen, actor=actor, now=clock.now())
    flash(_("已经记下，从现在起这样通知您。"), "success")
    return changed(url_for("notices.choices"))


@bp.post("/me/notices/channels/<channel>")
@allowed(signed_in)
def agree(channel: str) -> ResponseReturnValue:
    """Agree to messages to the own phone."""
    one = _channel(channel)
    if one == Channel.EMAIL:  # agreed to by the code that comes back
        abort(404)
    actor = current_actor()
    write(choosing.agree, actor.person_id or 0, one, actor=actor, now=clock.now())
    flash(_("好的，通知也会发%(channel)s给您。", channel=CHANNEL_LABELS[one]), "success")
    return changed(url_for("notices.choices"))


@bp.post("/me/notices/channels/<channel>/withdrawal")
@allowed(signed_in)
def withdraw(channel: str) -> ResponseReturnValue:
    """Take a channel back, in one tap; also one that the district has switched off by now."""
    if channel not in set(Channel):
        abort(404)
    actor, one = current_actor(), Channel(channel)
    write(choosing.withdraw, actor.person_id or 0, one, actor=actor, now=clock.now())
    said = _("不再用%(channel)s通知您。站内通知还在这里看。", channel=CHANNEL_LABELS[one])
    flash(said, "success")
    return changed(url_for("notices.choices"))


@bp.post("/me/notices/email")
@allowed(signed_in)
def ask_code() -> ResponseReturnValue:
    """Let a code be mailed to an address."""
    _channel(Channel.EMAIL)
    form, actor = AddressForm(), current_actor()
    if not form.validate():
        return invalid(_PAGE, **_shown(address=form), form=form)
    address = str(form.address.data)
    try:
        write(choosing.ask_code, actor.person_id or 0, address, actor=actor, now=clock.now())
    except Refused as error:
        form.add_error("address", error.message)
        return page(_PAGE, status=409, **_shown(address=form), form=form)
    flash(_("验证码已经发出，一般一分钟内到。"), "success")
    return changed(url_for("notices.choices"))


@bp.post("/me/notices/email/code")
@allowed(signed_in)
def confirm() -> ResponseReturnValue:
    """Prove the address."""
    form, actor = CodeForm(), current_actor()
    if not form.validate():
        return invalid(_PAGE, **_shown(code=form), form=form)
    try:
        code = str(form.code.data)
        fits = write(choosing.confirm, actor.person_id or 0, code, actor=actor, now=clock.now())
    except (Refused, Invalid) as error:
        form.add_error("code", error.message)
        return page(_PAGE, status=409, **_shown(code=form), form=form)
    if not fits:
        form.add_error("code", _("验证码不对，或者过了 30 分钟。可以再要一个。"))
        return page(_PAGE, status=409, **_shown(code=form), form=form)
    flash(_("邮箱确认好了，通知也会发到这个邮箱。"), "success")
    return changed(url_for("notices.choices"))


# --- what the page shows -------------------------------------------------------------------------


def _channel(code: str) -> Channel:
    """Return a channel that the district has; 404 for any other."""
    if code not in set(channels()):
        abort(404)
    return Channel(code)


def _shown(**forms: Any) -> dict[str, Any]:
    person_id = current_actor().person_id or 0
    reaches = queries.reaches(person_id)
    by_channel = {Channel(row.channel): row for row in reaches}
    preference = queries.preference(person_id)
    form = forms.get("form") or _offered(
        ChoicesForm(formdata=None, data=as_chosen(preference, reaches)), _open(reaches)
    )
    account = people.account_of(person_id)
    mail = by_channel.get(Channel.EMAIL)
    return {
        "choosing": form,
        "has_mail": Channel.EMAIL in channels(),
        "mail": _masked(mail.address_sealed) if mail and mail.agreed_at else "",
        "pending": _masked(mail.pending_sealed) if mail and _is_open(mail) else "",
        "address": forms.get("address") or AddressForm(formdata=None),
        "code": forms.get("code") or CodeForm(formdata=None),
        "phone": filters.masked_phone(account.phone if account else None),
        "phone_channels": [
            (one.value, CHANNEL_LABELS[one], one in by_channel)
            for one in channels()
            if one != Channel.EMAIL
        ],
        "has_channels": bool(channels()),
    }


def _is_open(row: NoticeReach) -> bool:
    return row.code_until is not None and clock.now() < row.code_until


def _masked(sealed: bytes | None) -> str:
    return addresses.masked(addresses.unseal(sealed)) if sealed else ""


def _open(reaches: Any) -> list[Channel]:
    """Return the channels that are set up and agreed to."""
    agreed = {row.channel for row in reaches if row.agreed_at}
    return [one for one in channels() if one in agreed]


def _offered(form: ChoicesForm, open_ones: list[Channel]) -> ChoicesForm:
    first, until = settings.get("quiet_from_hour"), settings.get("quiet_until_hour")
    return form.offer(open_ones, f"{first:02}:00-{until:02}:00")
