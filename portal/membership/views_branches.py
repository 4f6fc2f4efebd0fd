"""The secretary's pages: how a branch stands, who asks to be in it, who is taken off the list."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock, workbooks
from portal.core.access import allowed, current_actor, signed_in
from portal.core.db import write
from portal.core.i18n import gettext as _
from portal.core.tables import PAGE_SIZE, Page, page_number
from portal.core.web import changed, invalid, page
from portal.membership import (
    actions,
    completion,
    listing,
    policy,
    queries,
    rules,
    standing,
    words,
)
from portal.membership import queries_members as members
from portal.membership.blueprint import bp
from portal.membership.forms import WITHDREW, EndForm, RefuseForm
from portal.membership.models import MembershipRequest
from portal.membership.policy import Kept
from portal.org.models_party import BRANCH_LEVEL_LABELS
from portal.people import party
from portal.people.models_party import PartyMember
from portal.records.audit import KEEP_DAYS, VERBS

_kept = allowed(policy.keeps, branch=queries.kept_branch)
_one_request = allowed(
    policy.keeps_request, branch=queries.kept_branch, asked=members.request_by_id
)
_one_member = allowed(policy.keeps_member, branch=queries.kept_branch, member=members.member_by_id)


@bp.get("/branches")
@allowed(signed_in)
def index() -> ResponseReturnValue:
    """List the branches one keeps; to others the page is not there."""
    kept = party.branches_kept_by(current_actor().person_id or 0)
    if not kept:
        abort(404)
    return page("membership/index.html", nodes=queries.kept_nodes(kept), labels=BRANCH_LEVEL_LABELS)


@bp.get("/branches/<branch>")
@_kept
def show(branch: Kept) -> ResponseReturnValue:
    """Show how the branch stands: sums, and who has done what, by name."""
    return page("membership/show.html", **_seen(branch, RefuseForm(formdata=None)))


@bp.get("/branches/<branch>/print")
@_kept
def print_list(branch: Kept) -> ResponseReturnValue:
    """Show the whole list, as it is narrowed, as sheets of paper."""
    return page("membership/print.html", **_seen(branch, RefuseForm(formdata=None)))


def _seen(branch: Kept, form: RefuseForm) -> dict[str, Any]:
    """Return what the page shows, having written down that it was seen."""
    write(actions.note_sight, branch.row.id, actor=current_actor(), now=clock.now())
    today, asked = clock.today(), standing.targets()
    year = rules.year_of(request.args.get("year", ""), today)
    what = request.args.get("what", "")
    name = request.args.get("q", "").strip()[:40]
    found = completion.of(branch, year, today, asked)
    rows = completion.narrowed(found.rows, what, name)
    number = page_number()
    start = (number - 1) * PAGE_SIZE
    return {
        "branch": branch.row,
        "level": BRANCH_LEVEL_LABELS[branch.row.level],
        "year": year,
        "years": [one for one in (year - 1, year + 1) if rules.FIRST_YEAR <= one <= today.year],
        "today": today,
        "found": found,
        "rows": rows,
        "page": Page(rows[start : start + PAGE_SIZE], number, len(rows)),
        "waiting": members.waiting(branch.branch_ids),
        "chips": _chips(branch, what, year, name),
        "what": what,
        "query": name,
        "is_filtered": bool(what or name),
        "demands": words.demands(asked),
        "done_words": words.done_words,
        "asks_wishes": asked.wishes > 0,
        "asks_hours": asked.hours > 0,
        "present_name": words.period_name(rules.period_at(today, asked.every), asked.every),
        "is_present": year == today.year,
        "has_unit": any(row.unit for row in found.rows),
        "form": form,
    }


def _chips(branch: Kept, what: str, year: int, name: str) -> list[dict[str, Any]]:
    asked = standing.targets()
    shown = {"": _("全部"), "report": _("本期没报到")}
    shown |= {"wish": _("心愿没完成")} if asked.wishes else {}
    shown |= {"hours": _("时长没完成")} if asked.hours else {}
    shown["done"] = _("都完成了")
    return [
        {
            "text": text,
            "href": url_for(
                "membership.show", branch=branch.row.public_id,
                what=one or None, year=year, q=name or None,
            ),
            "current": one == what,
        }
        for one, text in shown.items()
    ]  # fmt: skip


@bp.post("/branches/<branch>/export")
@_kept
def export(branch: Kept) -> ResponseReturnValue:
    """Hand out the whole list of a year as a workbook, phones masked; it is written down."""
    today = clock.today()
    year = rules.year_of(request.form.get("year", ""), today)
    found = completion.of(branch, year, today, standing.targets())
    count = len(found.rows)
    write(actions.note_export, branch.row.id, count, actor=current_actor(), now=clock.now())
    content = workbooks.table(_("名单"), listing.list_header(), listing.listed(found.rows))
    return workbooks.as_file(content, f"branch-{branch.row.public_id}-{year}.xlsx")


@bp.get("/branches/<branch>/log")
@_kept
def log(branch: Kept) -> ResponseReturnValue:
    """Show what was done with the branch and its list, by whom."""
    since = clock.now() - timedelta(days=KEEP_DAYS)
    rows = [(at, name, VERBS[verb]) for at, name, verb in queries.log_of(branch.row.id, since)]
    return page("membership/log.html", branch=branch.row, rows=rows, days=KEEP_DAYS)


# --- who asks, who goes ----------------------------------------------------------------------------


@bp.post("/branches/<branch>/requests/<asked>/confirmation")
@_one_request
def confirm(branch: Kept, asked: MembershipRequest) -> ResponseReturnValue:
    """Say yes: the person is in the branch."""
    write(actions.confirm, asked.id, actor=current_actor(), now=clock.now())
    flash(_("已经登记，本人会收到通知。"), "success")
    return _to(branch)


@bp.route("/branches/<branch>/requests/<asked>/refusal", methods=["GET", "POST"])
@_one_request
def refuse(branch: Kept, asked: MembershipRequest) -> ResponseReturnValue:
    """Say no, with the reason."""
    form = RefuseForm()
    values: dict[str, Any] = {"branch": branch.row, "asked": asked, "form": form}
    if request.method == "GET":
        return page("membership/refuse.html", **values)
    if not form.validate():
        return invalid("membership/refuse.html", **values)
    write(actions.refuse, asked.id, form.words.data, actor=current_actor(), now=clock.now())
    flash(_("已经退回，本人会看到原因。"), "success")
    return _to(branch)


@bp.route("/branches/<branch>/members/<member>/ending", methods=["GET", "POST"])
@_one_member
def end(branch: Kept, member: PartyMember) -> ResponseReturnValue:
    """Take somebody off the list, after asking why."""
    form = EndForm()
    values: dict[str, Any] = {"branch": branch.row, "member": member, "form": form}
    if request.method == "GET":
        return page("membership/end.html", **values)
    if not form.validate():
        return invalid("membership/end.html", **values)
    write(
        actions.end, member.id, withdrew=form.why.data == WITHDREW,
        actor=current_actor(), now=clock.now(),
    )  # fmt: skip
    flash(_("已经从名单里移出。"), "success")
    return _to(branch)


def _to(branch: Kept) -> ResponseReturnValue | Response:
    return changed(url_for("membership.show", branch=branch.row.public_id))
