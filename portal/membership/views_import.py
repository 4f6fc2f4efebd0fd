"""Bringing members in from a workbook: template, upload, the report row by row, the import."""

from __future__ import annotations

from typing import Any

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock, workbooks
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.i18n import gettext as _
from portal.core.sheets import Unreadable
from portal.core.tables import PAGE_SIZE, Page, page_number
from portal.core.web import changed, invalid, page
from portal.membership import actions_import, checking, listing, policy, queries, sheets
from portal.membership import queries_members as members
from portal.membership.blueprint import bp
from portal.membership.checking import TAKEN, Fate
from portal.membership.forms import ImportForm, UploadForm
from portal.membership.models import MembershipImport
from portal.membership.policy import Kept

_kept = allowed(policy.keeps, branch=queries.kept_branch)
_one = allowed(policy.keeps_upload, branch=queries.kept_branch, upload=members.upload_by_id)


@bp.get("/branches/<branch>/import/template.xlsx")
@_kept
def template(branch: Kept) -> ResponseReturnValue:
    """Hand out an empty workbook to fill in."""
    names = [node.row.name for node in queries.kept_nodes(branch.branch_ids)]
    return workbooks.as_file(listing.template(names), "members-template.xlsx")


@bp.route("/branches/<branch>/import", methods=["GET", "POST"])
@_kept
def upload(branch: Kept) -> ResponseReturnValue:
    """Take a workbook and lead to what would become of its rows."""
    form = UploadForm()
    values: dict[str, Any] = {"branch": branch.row, "form": form, "most": sheets.BOUNDS.rows}
    if request.method == "GET":
        return page("membership/upload.html", **values)
    if not form.validate():
        return invalid("membership/upload.html", **values)
    try:
        lines = sheets.read(form.file.data.read(sheets.MOST_BYTES + 1))
    except Unreadable as error:
        form.add_error("file", str(error))
        return invalid("membership/upload.html", **values)
    row = write(actions_import.keep, branch, lines, actor=current_actor(), now=clock.now())
    return changed(
        url_for("membership.check_upload", branch=branch.row.public_id, upload=row.public_id)
    )


@bp.get("/branches/<branch>/import/<upload>")
@_one
def check_upload(branch: Kept, upload: MembershipImport) -> ResponseReturnValue:
    """Show row by row what would become of it, what is wrong first."""
    return page("membership/check.html", **_report(branch, upload, ImportForm(formdata=None)))


def _report(branch: Kept, upload: MembershipImport, form: ImportForm) -> dict[str, Any]:
    lines = checking.loaded(members.rows_of(upload))
    rows = checking.check(lines, branch, clock.today())
    rows.sort(key=lambda one: (one.fate != Fate.WRONG, one.fate == Fate.NEW, one.number))
    number = page_number()
    start = (number - 1) * PAGE_SIZE
    return {
        "branch": branch.row,
        "upload": upload,
        "page": Page(rows[start : start + PAGE_SIZE], number, len(rows)),
        "counts": {one.value: sum(row.fate == one for row in rows) for one in Fate},
        "taken": sum(row.fate in TAKEN for row in rows),
        "form": form,
    }


@bp.post("/branches/<branch>/import/<upload>/confirmation")
@_one
def import_members(branch: Kept, upload: MembershipImport) -> ResponseReturnValue:
    """Take every usable row, in one write."""
    form = ImportForm()
    if not form.validate():
        return invalid("membership/check.html", **_report(branch, upload, form))
    done = write(actions_import.take, upload.id, branch, actor=current_actor(), now=clock.now())
    flash(_("导入了 %(n)d 人，%(left)d 行没有导入。", n=done.taken, left=done.left_out), "success")
    return changed(url_for("membership.show", branch=branch.row.public_id))


@bp.post("/branches/<branch>/import/<upload>/dropping")
@_one
def drop_upload(branch: Kept, upload: MembershipImport) -> ResponseReturnValue:
    """Forget a workbook."""
    write(actions_import.drop, upload.id, actor=current_actor(), now=clock.now())
    flash(_("这份名单没有导入，已经删除。"), "success")
    return changed(url_for("membership.upload", branch=branch.row.public_id))
