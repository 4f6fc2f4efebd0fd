"""The administrator's pages: the tree of branches and who keeps them. No member is seen here."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import Role, allowed, current_actor
from portal.core.db import write
from portal.core.errors import Invalid
from portal.core.i18n import gettext as _
from portal.core.web import changed, invalid, page
from portal.membership import actions_branches as actions
from portal.membership import policy, queries
from portal.membership.actions_branches import BranchDetails
from portal.membership.blueprint import bp
from portal.membership.forms import BranchForm, GrantForm
from portal.membership.policy import Arranged
from portal.org import queries as org
from portal.org.models_party import BRANCH_LEVEL_LABELS, BranchLevel, PartyBranch
from portal.people import queries as people

_one = allowed(policy.arranges, branch=queries.arranged_branch)


@bp.get("/admin/branches")
@allowed(policy.arranges_branches)
def admin_index() -> ResponseReturnValue:
    """The tree of branches, each with who keeps it."""
    nodes = queries.arranged_by(current_actor())
    return page(
        "membership/admin_index.html",
        nodes=nodes,
        labels=BRANCH_LEVEL_LABELS,
        secretaries=queries.secretaries_of(node.row.id for node in nodes),
    )


@bp.route("/admin/branches/new", methods=["GET", "POST"])
@allowed(policy.arranges_branches)
def admin_new() -> ResponseReturnValue:
    """Make a branch at the top of the tree."""
    return _create(None)


@bp.route("/admin/branches/<branch>/below", methods=["GET", "POST"])
@_one
def admin_below(branch: Arranged) -> ResponseReturnValue:
    """Make a branch below this one."""
    return _create(branch.row)


def _create(above: PartyBranch | None) -> ResponseReturnValue:
    form = _offered(BranchForm(), queries.levels_below(above))
    values: dict[str, Any] = {"form": form, "above": above, "branch": None}
    if request.method == "GET":
        return page("membership/admin_branch.html", **values)
    if not form.validate():
        return invalid("membership/admin_branch.html", **values)
    try:
        row = write(
            actions.create, above.id if above else None, _details(form),
            actor=current_actor(), now=clock.now(),
        )  # fmt: skip
    except Invalid as error:
        form.add_error(error.field, error.message)
        return invalid("membership/admin_branch.html", **values)
    flash(_("加好了：%(name)s", name=row.name), "success")
    return changed(url_for("membership.admin_index"))


@bp.route("/admin/branches/<branch>", methods=["GET", "POST"])
@_one
def admin_change(branch: Arranged) -> ResponseReturnValue:
    """Change what a branch is made of."""
    row = branch.row
    form = _offered(BranchForm(), [BranchLevel(row.level)])
    values: dict[str, Any] = {"form": form, "above": None, "branch": row}
    if request.method == "GET":
        form.name.data, form.level.data = row.name, row.level
        form.station.data = row.station.public_id if row.station else ""
        form.unit.data = row.unit.public_id if row.unit else ""
        return page("membership/admin_branch.html", **values)
    form.level.data = row.level
    if not form.validate():
        return invalid("membership/admin_branch.html", **values)
    try:
        write(actions.change, row.id, _details(form), actor=current_actor(), now=clock.now())
    except Invalid as error:
        form.add_error(error.field, error.message)
        return invalid("membership/admin_branch.html", **values)
    flash(_("已保存。"), "success")
    return changed(url_for("membership.admin_index"))


@bp.route("/admin/branches/<branch>/closing", methods=["GET", "POST"])
@_one
def admin_close(branch: Arranged) -> ResponseReturnValue:
    """Close a branch, after asking."""
    if request.method == "GET":
        return page("membership/admin_close.html", branch=branch.row)
    write(actions.close, branch.row.id, actor=current_actor(), now=clock.now())
    flash(_("已经关闭。"), "success")
    return changed(url_for("membership.admin_index"))


@bp.route("/admin/branches/<branch>/secretaries", methods=["GET", "POST"])
@_one
def admin_secretaries(branch: Arranged) -> ResponseReturnValue:
    """List who keeps the branch itself, and let somebody with an account keep it."""
    form = GrantForm()
    rows = queries.secretaries_of([branch.row.id]).get(branch.row.id, [])
    values: dict[str, Any] = {"form": form, "branch": branch.row, "rows": rows}
    if request.method == "GET":
        return page("membership/admin_secretaries.html", **values)
    account = people.account_by_phone(str(form.phone.data)) if form.validate() else None
    if account is None and not form.errors:
        form.add_error("phone", _("这个手机号还没有账号。请对方先注册。"))
    if account is None:
        return invalid("membership/admin_secretaries.html", **values)
    write(actions.grant, branch.row.id, account.person_id, actor=current_actor(), now=clock.now())
    flash(_("已经指定。对方下次打开“我的”就能看到。"), "success")
    return changed(_secretaries(branch))


@bp.route("/admin/branches/<branch>/secretaries/revocation", methods=["GET", "POST"])
@_one
def admin_revoke(branch: Arranged) -> ResponseReturnValue:
    """Take a grant back, after asking."""
    row = queries.secretary(branch.row.id, request.values.get("person", "")[:10])
    if row is None:
        abort(404)
    if request.method == "GET":
        return page("membership/admin_revoke.html", branch=branch.row, row=row)
    write(actions.revoke, row.id, actor=current_actor(), now=clock.now())
    flash(_("已收回，马上生效。"), "success")
    return changed(_secretaries(branch))


def _secretaries(branch: Arranged) -> str:
    return url_for("membership.admin_secretaries", branch=branch.row.public_id)


def _offered(form: BranchForm, levels: list[BranchLevel]) -> BranchForm:
    own = current_actor().stations(Role.ADMINISTRATOR)
    stations = [row for row in org.all_stations() if row.id in own]
    return form.offer(levels, stations, org.civilized_units())


def _details(form: BranchForm) -> BranchDetails:
    station = queries.station(form.station.data or "")
    unit = queries.unit(form.unit.data or "")
    return BranchDetails(
        name=str(form.name.data),
        level=BranchLevel(form.level.data),
        station_id=station.id if station else None,
        unit_id=unit.id if unit else None,
    )
