"""The weekly grid of a post: the form, and what it would change, shown before it is saved."""

from __future__ import annotations

from itertools import groupby

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.i18n import gettext as _
from portal.core.web import changed, invalid, page
from portal.posts import actions_pattern, filling, policy, queries, rules
from portal.posts.actions_pattern import Others
from portal.posts.blueprint import bp
from portal.posts.forms import WEEKDAYS, LineForm, PatternForm
from portal.posts.models import ServicePost
from portal.posts.rules import Pattern

# So many spans a week fit one form; two empty lines wait for more.
MOST_LINES = 8
SPARE_LINES = 2


@bp.route("/desk/posts/<post>/pattern", methods=["GET", "POST"])
@allowed(policy.may_plan, post=queries.post_by_id)
def pattern(post: ServicePost) -> ResponseReturnValue:
    """Change the grid: first what it would do is shown, then it is done."""
    form = PatternForm()
    if request.method == "GET":
        return page("posts/pattern.html", post=post, form=form, lines=_filled(form, post))
    lines = [LineForm(prefix=f"line{n}-") for n in range(MOST_LINES)]
    fits = [one.validate() for one in (form, *lines)]
    cells = [cell for line in lines if not line.errors for cell in line.cells()]
    if all(fits) and rules.overlapping(cells):
        form.add_error("from_on", _overlap(cells))
    elif all(fits) and not cells:
        form.add_error("from_on", _("请至少写一段，填上人数"))
    if not all(fits) or form.errors:
        return invalid("posts/pattern.html", post=post, form=form, lines=lines)
    wanted = Pattern(
        tuple(cells), form.from_on.data, form.until_on.data, bool(form.skips_holidays.data)
    )
    if not form.sure.data:
        return _check(post, form, lines, wanted)
    others = Others(form.others.data)
    write(
        actions_pattern.set_pattern, post.id, wanted, others,
        actor=current_actor(), now=clock.now(),
    )  # fmt: skip
    flash(_("排班已保存。"), "success")
    return changed(url_for("posts.desk_rota_of", post=post.public_id))


def _check(
    post: ServicePost, form: PatternForm, lines: list[LineForm], wanted: Pattern
) -> ResponseReturnValue:
    """Show what the grid would do; nothing is saved yet."""
    if "edit" in request.form:
        return page("posts/pattern.html", post=post, form=form, lines=lines)
    change = actions_pattern.propose(post, wanted, now=clock.now())
    return page("posts/pattern_check.html", post=post, form=form, lines=lines, change=change)


def _filled(form: PatternForm, post: ServicePost) -> list[LineForm]:
    """Put the grid into the form, a span a line."""
    slots = queries.slots_of(post.id)
    cells = sorted(
        filling.pattern_of(post, slots).cells,
        key=lambda cell: (cell.starts_minute, cell.ends_minute, cell.weekday),
    )
    spans = [list(same) for _key, same in groupby(cells, key=lambda cell: cell[1:3])]
    lines = [
        LineForm(formdata=None, prefix=f"line{n}-")
        for n in range(min(MOST_LINES, len(spans) + SPARE_LINES))
    ]
    for line, span in zip(lines, spans, strict=False):
        line.fill(span)
    form.from_on.data, form.until_on.data = post.duty_from, post.duty_until
    form.skips_holidays.data = post.skips_holidays
    return lines


def _overlap(cells: list[rules.Cell]) -> str:
    days = _("、").join(str(WEEKDAYS[day]) for day in sorted(rules.overlapping(cells)))
    return _("%(days)s有两段时间重叠了。请改开始或者结束的时间。", days=days)
