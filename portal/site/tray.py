"""The tray: everything a person was told, the unread first."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import Actor, allowed, current_actor, signed_in
from portal.core.db import write
from portal.core.i18n import gettext as _
from portal.core.tables import Page, page_number
from portal.core.web import changed, page, safe_next
from portal.notices import actions, queries
from portal.notices.models import Notice
from portal.site import told

bp = Blueprint("tray", __name__)
_SHOWN = {"unread": False, "read": True}


def _own(public_id: str) -> Notice | None:
    return queries.own_notice(current_actor(), public_id)


def may_read(actor: Actor, notice: Notice) -> bool:
    """Whoever was told; the loader finds only their own."""
    return actor.is_signed_in and notice is not None


@bp.get("/me/notices")
@allowed(signed_in)
def index() -> ResponseReturnValue:
    """Show a page of the tray."""
    person_id = current_actor().person_id or 0
    asked = request.args.get("show", "")
    show = asked if asked in _SHOWN else ""
    found = queries.tray(person_id, page_number(), read=_SHOWN.get(show))
    chips = [(_("全部"), ""), (_("没读过的"), "unread"), (_("读过的"), "read")]
    return page(
        "site/tray.html",
        found=Page(told.shown(found.rows), found.number, found.total, found.size),
        show=show,
        has_unread=queries.count_unread(person_id) > 0,
        chips=[
            {"text": text, "href": url_for("tray.index", show=one or None), "current": one == show}
            for text, one in chips
        ],
    )


@bp.post("/me/notices/<notice>/read")
@allowed(may_read, notice=_own)
def read(notice: Notice) -> ResponseReturnValue:
    """Put one away."""
    write(actions.read, notice.id, actor=current_actor(), now=clock.now())
    return _back()


@bp.post("/me/notices/read")
@allowed(signed_in)
def read_all() -> ResponseReturnValue:
    """Put all of them away."""
    actor = current_actor()
    write(actions.read_all, actor.person_id or 0, actor=actor, now=clock.now())
    return _back()


def _back() -> ResponseReturnValue:
    return changed(safe_next(request.form.get("next"), url_for("tray.index")))
