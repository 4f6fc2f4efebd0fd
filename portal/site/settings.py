"""District settings: what holds, since when, and where the rule comes from."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import Actor, Role, allowed, current_actor
from portal.core.db import write
from portal.core.errors import Invalid
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.core.web import changed, invalid, page
from portal.records import settings
from portal.records.settings_catalogue import BY_KEY, CATALOGUE, MOVED

bp = Blueprint("settings", __name__)

GROUPS = {
    "site": _l("网站"),
    "sign_in": _l("登录"),
    "volunteers": _l("志愿者"),
    "review": _l("审核"),
    "sign_up": _l("报名"),
    "hours": _l("签到和时长"),
    "honours": _l("星级志愿者"),
    "anomalies": _l("异常线索"),
    "wishes": _l("微心愿"),
    "pairing": _l("结对共建"),
    "orders": _l("服务菜单和点单"),
    "party": _l("党员服务"),
    "posts": _l("志愿服务岗"),
    "notices": _l("通知"),
    "feedback": _l("意见建议"),
}


def may_set(actor: Actor) -> bool:
    """Administrators."""
    return actor.holds(Role.ADMINISTRATOR)


@bp.get("/office/settings")
@allowed(may_set)
def index() -> ResponseReturnValue:
    """Show all settings."""
    return page("site/settings.html", **_values({}, {}))


@bp.post("/office/settings")
@allowed(may_set)
def change() -> ResponseReturnValue:
    """Let the typed values hold from now on; nothing is changed when one cannot be used."""
    typed = {key: request.form.get(key, "") for key in BY_KEY}
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for setting in CATALOGUE:
        try:
            values[setting.key] = setting.parse(typed[setting.key])
        except Invalid as error:
            errors[error.field] = error.message
    if errors:
        return invalid("site/settings.html", **_values(typed, errors))
    write(_change_all, values, actor=current_actor(), now=clock.now())
    flash(_("设置已保存，从现在起有效。"), "success")
    return changed(url_for("settings.index"))


def _change_all(values: dict[str, Any], *, actor: Actor, now: Any) -> None:
    for key, value in values.items():
        settings.change(key, value, actor=actor, now=now)


def _values(typed: dict[str, str], errors: dict[str, str]) -> dict[str, Any]:
    shown = {key: typed.get(key, settings.get(key)) for key in BY_KEY}
    groups = [
        (label, [one for one in CATALOGUE if one.group == group]) for group, label in GROUPS.items()
    ]
    return {
        "groups": groups,
        "hours_at": list(GROUPS).index("hours"),
        "moved": MOVED,
        "shown": shown,
        "errors": errors,
        "history": settings.history(),
        "has_errors": bool(errors),
    }
