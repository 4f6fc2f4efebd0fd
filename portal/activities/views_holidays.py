"""What the working calendar asks of a series at the desk: its policy, dates to keep, days to add."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.activities import actions_holidays, actions_series, policy
from portal.activities.blueprint import bp
from portal.activities.forms_series import HolidaysForm
from portal.core import clock
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.i18n import gettext as _
from portal.core.web import changed, invalid, page
from portal.shifts import queries as shifts
from portal.shifts import queries_series
from portal.shifts.models import Shift
from portal.shifts.models_series import Holidays, Series


@bp.route("/desk/series/<series>/holidays", methods=["GET", "POST"])
@allowed(policy.may_keep_series, series=queries_series.series_by_id)
def holidays_of_series(series: Series) -> ResponseReturnValue:
    """Skip holidays from now on, or no longer; what would fall away is shown first."""
    form, now = HolidaysForm(), clock.now()
    values: dict[str, Any] = {"form": form, "series": series}
    if request.method == "GET":
        form.holidays.data = series.holidays
        return page("activities/series_holidays.html", **values)
    if not form.validate():
        return invalid("activities/series_holidays.html", **values)
    wanted = Holidays(form.holidays.data)
    is_new = wanted != series.holidays
    if is_new and wanted == Holidays.SKIP and not form.sure.data:
        touched = actions_holidays.on_holidays(series, now=now)
        if touched:
            return page("activities/series_holidays.html", **values, touched=touched)
    gone = write(actions_holidays.set_policy, series.id, wanted, actor=current_actor(), now=now)
    if gone:
        flash(_("改好了，去掉了没有人报名的 %(n)d 次。", n=gone), "success")
    else:
        flash(_("已保存。"), "success")
    return changed(url_for("activities.desk_series", series=series.public_id))


@bp.post("/desk/series/<series>/dates")
@allowed(policy.may_keep_series, series=queries_series.series_by_id)
def fill_series(series: Series) -> ResponseReturnValue:
    """Make the dates that the calendar, as it is now, leaves room for."""
    made = write(actions_series.fill, series.id, actor=current_actor(), now=clock.now())
    flash(_("补上了 %(n)d 次。", n=made), "success")
    return changed(url_for("activities.desk_series", series=series.public_id))


@bp.post("/desk/shifts/<shift>/keeping")
@allowed(policy.may_keep_shift, shift=shifts.shift_by_id)
def keep_date(shift: Shift) -> ResponseReturnValue:
    """Let a date take place although it is a holiday."""
    of_series = queries_series.of_shift(shift.id) or abort(404)
    write(actions_holidays.keep_date, shift.id, actor=current_actor(), now=clock.now())
    flash(_("这一次照常办。"), "success")
    return changed(url_for("activities.desk_series", series=of_series.series.public_id))
