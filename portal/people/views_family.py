"""The own family: add, change and remove members; link somebody who has an account."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock, filters
from portal.core.access import Actor, allowed, current_actor, signed_in
from portal.core.db import write
from portal.core.errors import Reason, Refused
from portal.core.failures import too_many
from portal.core.i18n import gettext as _
from portal.core.web import changed, invalid, page
from portal.people import family, queries_family
from portal.people.forms_family import AgreeForm, CodeForm, MemberForm
from portal.people.models_family import RELATION_LABELS, FamilyMember, Relation
from portal.people.rules import is_minor
from portal.people.views import bp
from portal.records import limits


def holds(actor: Actor, member: FamilyMember) -> bool:
    """Whose family member it is."""
    return actor.person_id == member.holder_id


def may_end(actor: Actor, member: FamilyMember) -> bool:
    """The holder, and who agreed to be held."""
    return actor.person_id in {member.holder_id, member.person_id}


@bp.get("/me/family")
@allowed(signed_in)
def my_family() -> ResponseReturnValue:
    """List whom one may sign up, and by whom one may be."""
    person_id = current_actor().person_id or 0
    members, today = queries_family.members_of(person_id), clock.today()
    return page(
        "people/family.html",
        members=members,
        minors={one.public_id for one in members if is_minor(one.person.birth_on, today)},
        holders=queries_family.held_by(person_id),
        labels=RELATION_LABELS,
        form=CodeForm(formdata=None),
    )


@bp.route("/me/family/new", methods=["GET", "POST"])
@allowed(signed_in)
def add_member() -> ResponseReturnValue:
    """Add somebody who has no account."""
    form = MemberForm()
    if request.method == "GET":
        return page("people/family_member.html", form=form, member=None)
    if not form.validate():
        return invalid("people/family_member.html", form=form, member=None)
    actor = current_actor()
    try:
        write(family.add, actor.person_id, form.said(), actor=actor, now=clock.now())
    except Refused as refused:
        return _refused(form, None, refused)
    flash(_("已经加上 %(name)s。报名时可以一起勾选。", name=form.name.data), "success")
    return changed(url_for("people.my_family"))


@bp.route("/me/family/<member>", methods=["GET", "POST"])
@allowed(holds, member=queries_family.member_by_id)
def change_member(member: FamilyMember) -> ResponseReturnValue:
    """Change what one said of somebody without an account."""
    if member.is_linked:
        abort(404)
    form = MemberForm()
    if request.method == "GET":
        form.name.data, form.relation.data = member.person.name, member.relation
        form.birth_date.data, form.phone.data = member.person.birth_on, member.person.phone
        return page("people/family_member.html", form=form, member=member)
    if not form.validate():
        return invalid("people/family_member.html", form=form, member=member)
    try:
        write(family.change, member.id, form.said(), actor=current_actor(), now=clock.now())
    except Refused as refused:
        return _refused(form, member, refused)
    flash(_("已保存。"), "success")
    return changed(url_for("people.my_family"))


def _refused(form: MemberForm, member: FamilyMember | None, refused: Refused) -> Response:
    values: dict[str, Any] = {"form": form, "member": member, "reasons": refused.reasons}
    return page("people/family_member.html", status=409, **values)


@bp.route("/me/family/<member>/removal", methods=["GET", "POST"])
@allowed(may_end, member=queries_family.member_by_id)
def remove_member(member: FamilyMember) -> ResponseReturnValue:
    """Ask first, then end it; what was recorded stays."""
    if request.method == "GET":
        is_holder = holds(current_actor(), member)
        return page("people/family_removal.html", member=member, is_holder=is_holder)
    write(family.remove, member.id, actor=current_actor(), now=clock.now())
    flash(_("已经移除。以前的记录都保留。"), "success")
    return changed(url_for("people.my_family"))


@bp.post("/me/family/codes")
@allowed(signed_in)
def make_family_code() -> ResponseReturnValue:
    """Make a code for somebody with an account; it is shown this once."""
    form = CodeForm()
    if not form.validate():
        abort(422)
    actor, relation = current_actor(), Relation(form.relation.data)
    code = write(family.make_code, actor.person_id, relation, actor=actor, now=clock.now())
    return page("people/family_code.html", code=(code[:4], code[4:]), hours=24)


@bp.route("/me/family/joining", methods=["GET", "POST"])
@allowed(signed_in)
def join_family() -> ResponseReturnValue:
    """Type the code, see who asks, agree."""
    form = AgreeForm()
    if request.method == "GET":
        return page("people/family_joining.html", form=form, holder="")
    if not form.validate():
        return invalid("people/family_joining.html", form=form, holder="")
    actor, now = current_actor(), clock.now()
    wait = limits.seconds_to_wait(limits.FAMILY_CODE_PERSON, str(actor.person_id), now=now)
    if wait:
        return too_many(wait)
    if "agree" in request.form:
        return _agree(form)
    found = write(family.look_up_code, form.typed(), actor.person_id, actor=actor, now=now)
    if found is None:
        form.add_error("code", _("代码不对，或者已经过期。请家人再发一个。"))
        return invalid("people/family_joining.html", form=form, holder="")
    holder = filters.masked_name(found.holder.name)
    return page("people/family_joining.html", form=form, holder=holder)


def _agree(form: AgreeForm) -> ResponseReturnValue:
    actor = current_actor()
    try:
        row = write(family.agree, form.typed(), actor.person_id, actor=actor, now=clock.now())
    except Refused as refused:
        reasons: tuple[Reason, ...] = refused.reasons
        return page("people/family_joining.html", status=409, form=form, holder="", reasons=reasons)
    flash(_("好了。%(name)s 现在可以替您报名。", name=row.holder.name), "success")
    return changed(url_for("people.my_family"))
