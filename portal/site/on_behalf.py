"""What a person may ask for themselves, done by staff of their station (代办): data, consents, erasure.

The same verbs as the person's own, with who did it and for whom in the log. Never on accounts of
staff: whoever works for a station asks for their own.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, RadioField

from portal.core import clock
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.forms import Form, choices, needed
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.core.web import changed, invalid, page
from portal.people import counter
from portal.people.models import Person
from portal.people.models_consents import CHANNEL_LABELS, STAFF_WAYS, Channel, ConsentKind
from portal.site import personal, privacy
from portal.site.personal import Asked

bp = Blueprint("on_behalf", __name__)
_one = allowed(counter.may_help, person=counter.person_to_help)


class AskedForm(Form):
    """How the wish reached the station, and how staff knew whose it is."""

    way = RadioField(
        _l("本人怎么提出的"),
        [needed(_l("请选一项"))],
        choices=choices((one.value, CHANNEL_LABELS[one]) for one in STAFF_WAYS),
    )
    identified = RadioField(
        _l("怎么确认是本人"),
        [needed(_l("请选一项"))],
        choices=choices((one.value, label) for one, label in counter.IDENTIFIED_LABELS.items()),
    )

    def asked(self) -> Asked:
        """Return what was filled in."""
        return Asked(Channel(self.way.data), counter.Identified(self.identified.data))


class ErasureForm(AskedForm):
    """One tick before what cannot be undone."""

    sure = BooleanField(
        _l("本人知道注销后不能恢复"), [needed(_l("请先勾选，确认本人知道不能恢复"))]
    )


class ConsentForm(AskedForm):
    """Which consent, and whether it is given or taken back."""

    kind = RadioField(_l("哪一项"), [needed(_l("请选一项"))])
    given = RadioField(
        _l("本人的意思"),
        [needed(_l("请选一项"))],
        choices=choices([("yes", _l("同意")), ("no", _l("撤回"))]),
    )


@bp.get("/desk/people/<person>/data")
@_one
def ask_for_data(person: Person) -> ResponseReturnValue:
    """Ask how the person was known, before their data are handed out."""
    return page("site/behalf_data.html", **_shown(person, AskedForm(formdata=None)))


@bp.post("/desk/people/<person>/data.json")
@_one
def data(person: Person) -> ResponseReturnValue:
    """Hand out everything held about the person."""
    form = AskedForm()
    if not form.validate():
        return invalid("site/behalf_data.html", **_shown(person, form))
    actor = current_actor()
    write(personal.export_for, person.id, form.asked(), actor=actor, now=clock.now())
    return privacy.as_file(person.id, f"data-{person.public_id}.json", for_staff=True)


@bp.route("/desk/people/<person>/consents", methods=["GET", "POST"])
@_one
def consents(person: Person) -> ResponseReturnValue:
    """Give a consent or take one back, as the person says."""
    form = ConsentForm()
    standing = privacy.standing(person.id, for_staff=True)
    form.kind.choices = choices((str(one["kind"]), one["label"]) for one in standing)
    values = {**_shown(person, form), "consents": standing, "channels": CHANNEL_LABELS}
    if request.method == "GET":
        return page("site/behalf_consents.html", **values)
    if not form.validate():
        return invalid("site/behalf_consents.html", **values)
    kind, given = ConsentKind(form.kind.data), form.given.data == "yes"
    write(
        personal.put_consent_for, person.id, kind, form.asked(), given=given,
        actor=current_actor(), now=clock.now(),
    )  # fmt: skip
    flash(_("已经记下本人的意思。"), "success")
    return changed(url_for("on_behalf.consents", person=person.public_id))


@bp.route("/desk/people/<person>/erasure", methods=["GET", "POST"])
@_one
def erase(person: Person) -> ResponseReturnValue:
    """Ask first, then erase the person."""
    form = ErasureForm()
    if request.method == "GET":
        return page("site/behalf_erase.html", **_shown(person, form, erases=True))
    if not form.validate():
        return invalid("site/behalf_erase.html", **_shown(person, form, erases=True))
    actor = current_actor()
    write(personal.erase_for, person.id, form.asked(), actor=actor, now=clock.now())
    flash(_("已经替本人注销，姓名和手机号等都删除了。"), "success")
    return changed(url_for("people.desk_index"))


def _shown(person: Person, form: AskedForm, *, erases: bool = False) -> dict[str, Any]:
    hindrances = personal.hindrances_for(person.id, clock.now(), erases=erases)
    return {"person": person, "form": form, "hindrances": hindrances}
