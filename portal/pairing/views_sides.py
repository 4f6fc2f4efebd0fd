"""One pairing as its two sides keep it: the same pages at the desk and on the liaison's own page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from flask import flash, request
from flask.typing import ResponseReturnValue

from portal.core import clock, ids
from portal.core.access import allowed, current_actor
from portal.core.db import write
from portal.core.errors import Invalid, Refused
from portal.core.i18n import gettext as _
from portal.core.web import changed, invalid, page
from portal.pairing import actions, policy, queries, shown
from portal.pairing import actions_projects as projects
from portal.pairing.actions import NewItem
from portal.pairing.actions_projects import Plan
from portal.pairing.blueprint import bp
from portal.pairing.forms import FinishForm, GiveUpForm, ItemForm, JoinForm, PlanForm, ProjectForm
from portal.pairing.models import JointActivity, PairingItem, PairingProject, Side
from portal.pairing.policy import Held
from portal.pairing.shown import Place

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])


@dataclass(frozen=True, slots=True)
class _Door:
    """Where one side keeps its pairings, and who may write there, and read."""

    place: Place
    writes: Callable[..., bool]
    reads: Callable[..., bool]


_DOORS = (
    _Door(shown.DESK, policy.keeps_community, policy.may_see),
    _Door(shown.ME, policy.speaks_for, policy.speaks_for),
)


def _both(
    rule: str,
    *methods: str,
    reading: bool = False,
    only: Side | None = None,
    **loaders: Callable[[str], Any],
) -> Callable[[View], View]:
    """Register a view for both sides (or one); it gets the place it is seen from."""

    def register(view: View) -> View:
        for door in _DOORS:
            if only not in {None, door.place.side}:
                continue
            clause = door.reads if reading else door.writes
            bp.add_url_rule(
                f"{door.place.prefix}/<pairing>{rule}",
                f"{door.place.name}_{view.__name__}",
                allowed(clause, pairing=queries.held_by_id, **loaders)(partial(view, door.place)),
                methods=list(methods or ("POST",)),
            )
        return view

    return register


@_both("", "GET", reading=True)
def show(place: Place, pairing: Held) -> ResponseReturnValue:
    """Show the three lists and the joint activities, and what this side can add."""
    return page("pairing/show.html", **shown.pairing(place, pairing))


def _back(place: Place, pairing: Held, words: str) -> ResponseReturnValue:
    flash(words, "success")
    return changed(place.of(pairing.row))


# --- needs and resources -------------------------------------------------------------------------


@_both("/items")
def add(place: Place, pairing: Held) -> ResponseReturnValue:
    """Write a need, or a resource."""
    form = ItemForm()
    if not form.validate():
        return invalid("pairing/show.html", **shown.pairing(place, pairing, adding=form), form=form)
    given = NewItem(str(form.title.data), ids.form_key(form.key.data), str(form.details.data or ""))
    actor, now = current_actor(), clock.now()
    write(actions.add, pairing.row.id, place.side, given, actor=actor, now=now)
    return _back(place, pairing, _("已经写进清单，对方会看到。"))


@_both("/items/<item>/withdrawal", item=queries.item_by_id)
def withdraw(place: Place, pairing: Held, item: PairingItem) -> ResponseReturnValue:
    """Take one's own out of the list."""
    write(actions.withdraw, item.id, place.side, actor=current_actor(), now=clock.now())
    return _back(place, pairing, _("已经撤下。"))


# --- projects ------------------------------------------------------------------------------------


@_both("/projects/new", "GET", "POST")
def propose(place: Place, pairing: Held) -> ResponseReturnValue:
    """Make a project, of a need and a resource where there are some."""
    form = ProjectForm(**_asked())
    values = shown.new_project(place, pairing, form)
    if request.method == "GET":
        return page("pairing/project_new.html", **values)
    if not form.validate():
        return invalid("pairing/project_new.html", **values)
    key, actor, now = ids.form_key(form.key.data), current_actor(), clock.now()
    try:
        row = write(
            projects.propose, pairing.row.id, place.side, _plan(form), key, actor=actor, now=now
        )
    except Invalid as error:
        form.add_error(error.field, error.message)
        return invalid("pairing/project_new.html", **values)
    return _back(place, pairing, shown.said_of_new(row))


def _asked() -> dict[str, Any]:
    """Return what the address says already: which need, which resource; its words are the title."""
    names = {name: request.args.get(name, "") for name in ("need", "resource")}
    items = [queries.item_by_id(public_id) for public_id in names.values() if public_id]
    title = next((item.title for item in items if item is not None), "")
    return {**names, "title": title, "key": ids.code(20)}


def _plan(form: PlanForm) -> Plan:
    taken = {}
    if isinstance(form, ProjectForm):
        taken = {"need": str(form.need.data), "resource": str(form.resource.data)}
    return Plan(str(form.title.data), str(form.in_charge.data), form.planned_on.data, **taken)


_one_project = partial(_both, project=queries.project_by_id)


@_one_project("/projects/<project>", "GET", reading=True)
def project_show(place: Place, pairing: Held, project: PairingProject) -> ResponseReturnValue:
    """Show one project and the ways on."""
    return page("pairing/project.html", **shown.project(place, pairing, project))


@_one_project("/projects/<project>")
def change(place: Place, pairing: Held, project: PairingProject) -> ResponseReturnValue:
    """Change name, who is in charge, and the day."""
    form = PlanForm()
    values = shown.project(place, pairing, project, changing=form)
    if not form.validate():
        return invalid("pairing/project.html", **values, form=form)
    actor, now = current_actor(), clock.now()
    try:
        write(
            projects.change, project.id, _plan(form), form.version.data or 0, actor=actor, now=now
        )
    except Invalid as error:
        form.add_error(error.field, error.message)
        return invalid("pairing/project.html", **values, form=form)
    except Refused as refused:
        # As they typed it, to be sent over what is there now.
        form.version.raw_data, form.version.data = None, project.version
        again = shown.project(place, pairing, project, changing=form)
        return page("pairing/project.html", status=409, reasons=refused.reasons, **again)
    return _to_project(place, pairing, project, _("已保存。"))


def _to_project(
    place: Place, pairing: Held, project: PairingProject, words: str
) -> ResponseReturnValue:
    flash(words, "success")
    return changed(place.of_project(pairing.row, project))


@_one_project("/projects/<project>/agreement")
def agree(place: Place, pairing: Held, project: PairingProject) -> ResponseReturnValue:
    """Agree to what the other side proposed."""
    write(projects.agree, project.id, place.side, actor=current_actor(), now=clock.now())
    return _to_project(place, pairing, project, _("已经同意，项目定下来了。"))


@_one_project("/projects/<project>/start")
def start(place: Place, pairing: Held, project: PairingProject) -> ResponseReturnValue:
    """Say that it has begun."""
    write(projects.start, project.id, actor=current_actor(), now=clock.now())
    return _to_project(place, pairing, project, _("已经开始。"))


@_one_project("/projects/<project>/completion")
def finish(place: Place, pairing: Held, project: PairingProject) -> ResponseReturnValue:
    """Say that it is done, and what came of it."""
    form = FinishForm()
    if not form.validate():
        values = shown.project(place, pairing, project, finishing=form)
        return invalid("pairing/project.html", **values, form=form)
    actor, now = current_actor(), clock.now()
    write(projects.finish, project.id, form.result.data, actor=actor, now=now)
    return _to_project(place, pairing, project, _("办成了。项目名称会出现在站点的页面上。"))


@_one_project("/projects/<project>/surrender")
def give_up(place: Place, pairing: Held, project: PairingProject) -> ResponseReturnValue:
    """Say that nothing will come of it, and why."""
    form = GiveUpForm()
    if not form.validate():
        values = shown.project(place, pairing, project, giving_up=form)
        return invalid("pairing/project.html", **values, form=form)
    actor, now = current_actor(), clock.now()
    write(projects.give_up, project.id, form.reason.data, actor=actor, now=now)
    return _to_project(place, pairing, project, _("已经记下，需求和资源可以再对接。"))


# --- joint activities ----------------------------------------------------------------------------


@_both("/activities")
def join(place: Place, pairing: Held) -> ResponseReturnValue:
    """Link an activity as a joint one, or ask for it."""
    form = JoinForm()
    form.offer(queries.may_be_joint(pairing.row))
    valid = form.validate()
    if valid:
        actor, now = current_actor(), clock.now()
        try:
            write(
                projects.join, pairing.row.id, place.side, form.activity.data, actor=actor, now=now
            )
        except Invalid as error:
            form.add_error(error.field, error.message)
            valid = False
    if not valid:
        values = shown.pairing(place, pairing, joining=form)
        return invalid("pairing/show.html", **values, form=form)
    linked = place.side == Side.COMMUNITY
    return _back(
        place, pairing, _("已经算作共建活动。") if linked else _("已经告诉社区，等他们确认。")
    )


@_both("/activities/<joint>/approval", only=Side.COMMUNITY, joint=queries.joint_by_id)
def approve(place: Place, pairing: Held, joint: JointActivity) -> ResponseReturnValue:
    """Say yes to an activity the unit asked for."""
    write(projects.link, joint.id, actor=current_actor(), now=clock.now())
    return _back(place, pairing, _("已经算作共建活动。"))


@_both("/activities/<joint>/removal", only=Side.COMMUNITY, joint=queries.joint_by_id)
def decline(place: Place, pairing: Held, joint: JointActivity) -> ResponseReturnValue:
    """Say that it is no joint activity (any more)."""
    write(projects.decline, joint.id, actor=current_actor(), now=clock.now())
    return _back(place, pairing, _("已经不算共建活动。"))
