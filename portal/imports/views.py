"""The desk's pages of imports: what to import, the template, the upload, the check, the import."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock, rows, sheets, workbooks
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.errors import Refused
from portal.core.i18n import gettext as _
from portal.core.sheets import MEGABYTE, Sheet, Unreadable
from portal.core.tables import PAGE_SIZE, Page, page_number
from portal.core.web import changed, invalid, page
from portal.imports import actions, policy, queries, report, sorts
from portal.imports.forms import UploadForm
from portal.imports.models import SORT_LABELS, ImportUpload, Sort
from portal.imports.sorts import BOUNDS, SORTS
from portal.org import queries as org

bp = Blueprint("imports", __name__)
_one = allowed(policy.keeps_upload, upload=queries.upload_by_id)
_sort = allowed(policy.imports_sort, sort=sorts.named)


@bp.get("/desk/imports")
@allowed(policy.imports)
def index() -> ResponseReturnValue:
    """Ask what is to be imported; show what was sent and waits."""
    waiting = queries.waiting_of(current_actor())
    return page("imports/index.html", waiting=waiting, labels=SORT_LABELS)


@bp.route("/desk/imports/<sort>", methods=["GET", "POST"])
@_sort
def upload(sort: Sort) -> ResponseReturnValue:
    """Take a file and lead to what would become of its rows."""
    form, stations = UploadForm(), queries.stations(current_actor(), sort)
    form.offer(stations)
    values: dict[str, Any] = {
        "form": form,
        "sort": sort,
        "label": SORT_LABELS[sort],
        "columns": SORTS[sort].columns(),
        "bounds": BOUNDS,
    }
    if request.method == "GET":
        return page("imports/upload.html", **values)
    if not form.validate():
        return invalid("imports/upload.html", **values)
    station = org.station_by_id(form.station.data) or abort(404)
    try:
        sheet = _read(sort, form.file.data.read(BOUNDS.megabytes * MEGABYTE + 1))
    except Unreadable as error:
        form.add_error("file", str(error))
        return invalid("imports/upload.html", **values)
    row = write(actions.keep, sort, station.id, sheet, actor=current_actor(), now=clock.now())
    return changed(url_for("imports.check", upload=row.public_id))


def _read(sort: Sort, content: bytes) -> Sheet:
    columns = SORTS[sort].columns()
    found = sheets.read(content, columns, BOUNDS)
    lines = [line for line in found.lines if not sheets.is_example(line, columns)]
    if not lines:
        raise Unreadable(_("表里没有要导入的行。请从第二行开始填，示例那一行不算。"))
    return Sheet(lines, found.unused)


@bp.get("/desk/imports/<sort>/template.<kind>")
@_sort
def template(sort: Sort, kind: str) -> ResponseReturnValue:
    """Hand out a table to fill in, as a workbook or as CSV."""
    return _file(report.template(sort, as_csv=_is_csv(kind)), f"{sort}-template", kind)


@bp.get("/desk/imports/checks/<upload>")
@_one
def check(upload: ImportUpload) -> ResponseReturnValue:
    """Show row by row what would become of it, what is wrong first; or that it is done."""
    if upload.taken_at is not None:
        keeps = policy.has_desk_of(current_actor(), upload)
        return page(
            "imports/done.html", upload=upload, label=SORT_LABELS[Sort(upload.sort)], keeps=keeps
        )
    return _checked(upload)


def _checked(upload: ImportUpload, refused: Refused | None = None) -> Response:
    judged = report.judged(upload, actor=current_actor(), now=clock.now())
    headings = report.headings(Sort(upload.sort))
    number = page_number()
    shown = judged[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    counts = rows.counted(judged)
    return page(
        "imports/check.html",
        status=409 if refused else 200,
        reasons=refused.reasons if refused else (),
        upload=upload,
        label=SORT_LABELS[Sort(upload.sort)],
        unused=queries.sheet_of(upload).unused,
        found=Page(
            [(row, report.said(row.findings, headings)) for row in shown], number, len(judged)
        ),
        counts={fate.value: count for fate, count in counts.items()},
        fits=sum(counts[fate] for fate in rows.FITTING) == len(judged),
        fates=report.FATE_LABELS,
        tones=report.FATE_TONES,
    )


@bp.post("/desk/imports/checks/<upload>/confirmation")
@_one
def take(upload: ImportUpload) -> ResponseReturnValue:
    """Import all rows, or none."""
    try:
        write(actions.take, upload.id, actor=current_actor(), now=clock.now())
    except Refused as refused:
        return _checked(upload, refused)
    return changed(url_for("imports.check", upload=upload.public_id))


@bp.post("/desk/imports/checks/<upload>/dropping")
@_one
def drop(upload: ImportUpload) -> ResponseReturnValue:
    """Forget what was sent."""
    write(actions.drop, upload.id, actor=current_actor(), now=clock.now())
    flash(_("这份表格没有导入，已经删除。"), "success")
    return changed(url_for("imports.upload", sort=upload.sort))


@bp.post("/desk/imports/checks/<upload>/findings")
@_one
def findings(upload: ImportUpload) -> ResponseReturnValue:
    """Hand the rows out with what was found, to mend them by."""
    if upload.taken_at is not None:
        abort(404)
    kind = request.form.get("kind", "xlsx")
    as_csv = _is_csv(kind)
    now = clock.now()
    judged = report.judged(upload, actor=current_actor(), now=now)
    content = report.table(upload, judged, as_csv=as_csv)
    write(actions.note_export, upload.id, actor=current_actor(), now=now)
    return _file(content, f"{upload.sort}-checked", kind)


def _is_csv(kind: str) -> bool:
    if kind not in {"xlsx", "csv"}:
        abort(404)
    return kind == "csv"


def _file(content: bytes, name: str, kind: str) -> Response:
    if kind == "csv":
        return workbooks.as_file(content, f"{name}.csv", "text/csv; charset=utf-8")
    return workbooks.as_file(content, f"{name}.xlsx")
