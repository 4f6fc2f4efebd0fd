"""What we hold about people: the public notice, and one's own page to see, export and erase it."""

from __future__ import annotations

from flask import Blueprint, Response, abort, current_app, flash, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField

from portal.core import clock
from portal.core.access import allowed, current_actor, public, signed_in
from portal.core.copies import cached
from portal.core.db import write
from portal.core.forms import Form, needed
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.core.i18n import ngettext
from portal.core.web import changed, invalid, page
from portal.membership import actions as membership
from portal.people import consents, session
from portal.people import queries as people
from portal.people.models_consents import (
    CHANNEL_LABELS,
    CONSENT_LABELS,
    CONSENT_VERSIONS,
    SEALED_KINDS,
    Channel,
    Consent,
    ConsentKind,
)
from portal.records import settings
from portal.registration import actions as registration
from portal.registration import queries as volunteers
from portal.signups import queries as signups
from portal.site import personal

bp = Blueprint("privacy", __name__)


class ErasureForm(Form):
    """One tick before what cannot be undone."""

    sure = BooleanField(_l("我知道注销后不能恢复"), [needed(_l("请先勾选，确认您知道不能恢复"))])


@bp.get("/privacy")
@public
def notice() -> ResponseReturnValue:
    """Show the notice to whoever asks."""
    return cached(
        lambda: page(
            "site/privacy.html",
            version=CONSENT_VERSIONS[ConsentKind.NOTICE],
            id_number=settings.get("id_number"),
        )
    )


@bp.get("/me/privacy")
@allowed(signed_in)
def mine() -> ResponseReturnValue:
    """Show what is held, what was agreed to, and how to take it back."""
    person_id = current_actor().person_id or 0
    coming = len(signups.coming(person_id, clock.now()))
    return page(
        "site/privacy_mine.html",
        person=people.person(person_id),
        account=people.account_of(person_id),
        volunteer=people.volunteer_of(person_id),
        consents=standing(person_id),
        guardians=volunteers.guardian_consents(person_id),
        channels=CHANNEL_LABELS,
        live_signups=ngettext("%(n)d 个报名", "%(n)d 个报名", coming, n=coming),
    )


def standing(person_id: int, *, for_staff: bool = False) -> list[dict[str, object]]:
    """Return each kind of consent with its newest row, as it stands now; staff see no sealed one."""
    newest: dict[str, Consent] = {row.kind: row for row in consents.of_person(person_id)}
    return [
        {"kind": kind, "label": label, "row": newest.get(kind)}
        for kind, label in CONSENT_LABELS.items()
        if kind in newest or _is_asked(kind)
        if not (for_staff and kind in SEALED_KINDS)
    ]


def _is_asked(kind: ConsentKind) -> bool:
    """Return whether a kind is offered to whoever never gave it."""
    if kind == ConsentKind.ID_NUMBER:
        return bool(settings.get("id_number") != "off")
    return kind not in SEALED_KINDS


@bp.post("/me/privacy/consents/<kind>/withdrawal")
@allowed(signed_in)
def withdraw_consent(kind: str) -> ResponseReturnValue:
    """Take a consent back, in one tap."""
    actor = current_actor()
    if _kind(kind) == ConsentKind.PARTY:
        write(membership.withdraw_consent, actor.person_id or 0, actor=actor, now=clock.now())
        flash(_("已经撤回，党员登记马上结束。"), "success")
        return changed(url_for("privacy.mine"))
    write(
        registration.withdraw_consent, actor.person_id or 0, _kind(kind), Channel.WEB,
        actor=actor, now=clock.now(),
    )  # fmt: skip
    said = _("已经撤回。已经报上的名照样有效。") if kind == ConsentKind.NOTICE else _("已经撤回。")
    flash(said, "success")
    return changed(url_for("privacy.mine"))


@bp.post("/me/privacy/consents/<kind>")
@allowed(signed_in)
def give_consent(kind: str) -> ResponseReturnValue:
    """Agree (again), in one tap."""
    actor = current_actor()
    if _kind(kind) == ConsentKind.PARTY:  # given where one says which branch
        return changed(url_for("membership.mine"))
    write(
        registration.give_consent, actor.person_id or 0, _kind(kind), Channel.WEB,
        actor=actor, now=clock.now(),
    )  # fmt: skip
    flash(_("已经记下您的同意。"), "success")
    return changed(url_for("privacy.mine"))


def _kind(kind: str) -> ConsentKind:
    if kind not in set(ConsentKind):
        abort(404)
    return ConsentKind(kind)


@bp.post("/me/privacy/guardian-withdrawal")
@allowed(signed_in)
def withdraw_guardian() -> ResponseReturnValue:
    """Take the guardian's consent back."""
    actor = current_actor()
    write(registration.withdraw_guardian, actor.person_id or 0, actor=actor, now=clock.now())
    flash(_("监护人同意已经撤回。"), "success")
    return changed(url_for("privacy.mine"))


@bp.get("/me/data.json")
@allowed(signed_in)
def data() -> ResponseReturnValue:
    """Hand out everything held about oneself."""
    actor = current_actor()
    write(personal.note_export, actor.person_id or 0, actor=actor, now=clock.now())
    return as_file(actor.person_id or 0, "my-data.json")


def as_file(person_id: int, name: str, *, for_staff: bool = False) -> Response:
    """Return everything held about a person as a file to keep."""
    return Response(
        current_app.json.dumps(personal.gathered(person_id, for_staff=for_staff), indent=2),
        mimetype="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@bp.route("/me/privacy/erasure", methods=["GET", "POST"])
@allowed(signed_in)
def erase() -> ResponseReturnValue:
    """Ask first, then erase; the browser is signed out."""
    form = ErasureForm()
    if not form.is_submitted():
        return page("site/privacy_erase.html", form=form)
    if not form.validate():
        return invalid("site/privacy_erase.html", form=form)
    actor = current_actor()
    write(personal.erase, actor.person_id or 0, actor=actor, now=clock.now())
    session.end()
    flash(_("账号已经注销。谢谢您来过。"), "success")
    return changed("/")
