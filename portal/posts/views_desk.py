"""The desk's pages of posts: list, new, change, publish, review, call off."""

from __future__ import annotations

from datetime import time

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import Role, allowed, current_actor
from portal.core.db import write
from portal.core.errors import Refused
from portal.core.forms import choices
from portal.core.i18n import gettext as _
from portal.core.tables import page_number
from portal.core.web import changed, invalid, page
from portal.org import queries as org
from portal.org.models import Station
from portal.people import queries as people
from portal.posts import actions, policy, queries, queries_duty, words
from portal.posts.blueprint import bp
from portal.posts.forms import VOCABULARIES, DetailsForm, NewPostForm, ReasonForm, clock_time
from portal.posts.models import ServicePost
from portal.records import notes
from portal.shifts import conditions
from portal.shifts.models import OFFERING_STATE_LABELS, OfferingState
from portal.signups import queries_changes
from portal.signups import words as signup_words

REVIEWS = (Role.STATION_MANAGER, Role.CAMPAIGN_OFFICER, Role.ADMINISTRATOR)


@bp.get("/desk/posts")
@allowed(policy.sees_posts)
def desk_index() -> ResponseReturnValue:
    """List the station's posts, the last changed first."""
    asked = request.args.get("state", "")
    state = OfferingState(asked) if asked in set(OfferingState) else None
    ids = sorted(current_actor().stations(*REVIEWS))
    return page(
        "posts/desk_index.html",
        found=queries.at_stations(ids, state, page_number()),
        labels=OFFERING_STATE_LABELS,
        state=asked,
        plans=policy.keeps_posts(current_actor()),
    )


@bp.route("/desk/posts/new", methods=["GET", "POST"])
@allowed(policy.keeps_posts)
def desk_new() -> ResponseReturnValue:
    """Create a post; with `copy` it begins as a copy of an earlier one."""
    form, stations = NewPostForm(), _own_stations()
    _offer(form)
    form.station.choices = choices((row.public_id, row.name) for row in stations)
    if request.method == "GET":
        _fill_in(form, stations)
        return page("posts/desk_new.html", form=form)
    if not form.validate():
        return invalid("posts/desk_new.html", form=form)
    station = next(row for row in stations if row.public_id == form.station.data)
    actor, now = current_actor(), clock.now()
    row = write(
        actions.create, station.id, _details(form), form.pattern(),
        conditions=conditions.read(form), actor=actor, now=now,
    )  # fmt: skip
    if form.then.data == "publish":
        return _publish(row)
    flash(_("草稿已保存。检查一下，再发布。"), "success")
    return changed(url_for("posts.desk_show", post=row.public_id))


@bp.get("/desk/posts/<post>")
@allowed(policy.may_see_at_desk, post=queries.post_by_id)
def desk_show(post: ServicePost) -> ResponseReturnValue:
    """One post at the desk, with its one next action."""
    return _desk_page(post, ReasonForm(formdata=None))


def _desk_page(post: ServicePost, form: ReasonForm) -> ResponseReturnValue:
    actor, now = current_actor(), clock.now()
    in_review = post.state == OfferingState.IN_REVIEW
    render = invalid if form.errors else page
    return render(
        "posts/desk_show.html",
        post=post,
        state=OFFERING_STATE_LABELS[OfferingState(post.state)],
        grid=words.grid(queries.slots_of(post.id)),
        standing=[(row, words.slot_text(row.slot)) for row in queries.standing_of(post.id)],
        not_placed=[
            (turn.standing.person.name, shift, words.turn_reason(turn.reason))
            for turn, shift in queries_duty.not_placed(post.id, now)
        ],
        returned=notes.latest(actions.ref(post), "return") if post.state == "draft" else "",
        undoable=signup_words.undoable(queries_changes.undoable_of_offering(post.id, now), now),
        may_plan=policy.may_plan(actor, post),
        may_review=in_review and policy.may_review(actor, post),
        form=form,
    )


@bp.route("/desk/posts/<post>/edit", methods=["GET", "POST"])
@allowed(policy.may_plan, post=queries.post_by_id)
def desk_edit(post: ServicePost) -> ResponseReturnValue:
    """Change what a post is made of."""
    form = DetailsForm()
    _offer(form)
    if request.method == "GET":
        _fill_from(form, post)
        return page("posts/desk_edit.html", form=form, post=post)
    if not form.validate():
        return invalid("posts/desk_edit.html", form=form, post=post)
    write(
        actions.change, post.id, _details(form), conditions=conditions.read(form),
        actor=current_actor(), now=clock.now(),
    )  # fmt: skip
    flash(_("已保存。"), "success")
    return changed(url_for("posts.desk_show", post=post.public_id))


@bp.post("/desk/posts/<post>/publication")
@allowed(policy.may_plan, post=queries.post_by_id)
def publish(post: ServicePost) -> ResponseReturnValue:
    """Publish, or submit for review."""
    return _publish(post)


def _publish(post: ServicePost) -> ResponseReturnValue:
    to = url_for("posts.desk_show", post=post.public_id)
    try:
        row = write(actions.publish, post.id, actor=current_actor(), now=clock.now())
    except Refused as refused:
        if request.endpoint == "posts.publish":
            raise
        flash(_("草稿已保存，还不能发布：") + refused.message, "warning")
        return changed(to)
    if row.state == OfferingState.IN_REVIEW:
        flash(_("已提交审核，审核通过后自动发布。"), "success")
    else:
        flash(_("已发布，班次排好了，大家现在就能报名。"), "success")
    return changed(to)


@bp.post("/desk/posts/<post>/approval")
@allowed(policy.may_review, post=queries.post_by_id)
def approve(post: ServicePost) -> ResponseReturnValue:
    """Approve: the post is published."""
    write(actions.approve, post.id, actor=current_actor(), now=clock.now())
    flash(_("审核通过，岗位已发布。"), "success")
    return changed(url_for("posts.desk_show", post=post.public_id))


@bp.post("/desk/posts/<post>/return")
@allowed(policy.may_review, post=queries.post_by_id)
def give_back(post: ServicePost) -> ResponseReturnValue:
    """Return to the author with the reason."""
    form = ReasonForm()
    if not form.validate():
        return _desk_page(post, form)
    reason = str(form.reason.data)
    write(actions.give_back, post.id, reason, actor=current_actor(), now=clock.now())
    flash(_("已退回，对方会看到原因。"), "success")
    return changed(url_for("posts.desk_index"))


@bp.route("/desk/posts/<post>/call-off", methods=["GET", "POST"])
@allowed(policy.may_plan, post=queries.post_by_id)
def call_off(post: ServicePost) -> ResponseReturnValue:
    """Take the whole post away, after asking."""
    form = ReasonForm()
    if request.method == "GET":
        return page("posts/call_off.html", form=form, post=post)
    if not form.validate():
        return invalid("posts/call_off.html", form=form, post=post)
    reason = str(form.reason.data)
    write(actions.call_off, post.id, reason, actor=current_actor(), now=clock.now())
    flash(_("已撤下，报名的人都会收到通知。"), "success")
    return changed(url_for("posts.desk_show", post=post.public_id))


# --- parts ---------------------------------------------------------------------------------------


def _own_stations() -> list[Station]:
    """Return the actor's stations, those granted themselves first."""
    actor = current_actor()
    ids = actor.stations(*policy.PLANS)
    mine = people.stations_of_role(actor.person_id or 0, Role.STATION_MANAGER)
    granted = {row.id for row in mine}
    rows = [row for row in org.all_stations() if row.id in ids]
    return sorted(rows, key=lambda row: row.id not in granted)


def _offer(form: DetailsForm) -> None:
    conditions.offer(form)
    for name, vocabulary in VOCABULARIES.items():
        form[name].choices = choices((row.code, row.label) for row in org.terms(vocabulary))


def _details(form: DetailsForm) -> actions.Details:
    ids = {}
    for name, vocabulary in VOCABULARIES.items():
        row = org.term(vocabulary, form[name].data) or abort(422)
        ids[name] = row.id
    return form.details(ids)


def _fill_in(form: NewPostForm, stations: list[Station]) -> None:
    """Put sensible values in: the own station, weekday mornings, two people; or an earlier post."""
    if not stations:
        return
    form.station.data = stations[0].public_id
    form.days.data = [str(n) for n in range(5)]
    form.starts.data, form.ends.data = time(9), time(11)
    form.volunteers.data = 2
    form.kind.data, form.field.data, form.venue_type.data = "order", "order", "service_hall"
    form.contact_phone.data = stations[0].phone
    form.leader_name.data = current_actor().name
    earlier = queries.post_by_id(request.args.get("copy", ""))
    if earlier and policy.may_plan(current_actor(), earlier):
        _fill_from(form, earlier)
        form.station.data = earlier.station.public_id
        _fill_span_from(form, earlier)


def _fill_span_from(form: NewPostForm, earlier: ServicePost) -> None:
    slots = queries.slots_of(earlier.id)
    if not slots:
        return
    first = min(slots, key=lambda slot: slot.starts_minute)
    span = (first.starts_minute, first.ends_minute)
    form.days.data = [
        str(slot.weekday) for slot in slots if (slot.starts_minute, slot.ends_minute) == span
    ]
    form.starts.data, form.ends.data = clock_time(span[0]), clock_time(span[1])
    form.volunteers.data = first.volunteers


def _fill_from(form: DetailsForm, row: ServicePost) -> None:
    for name in (*form.TEXTS, "is_risky", "is_party_post"):
        form[name].data = getattr(row, name)
    conditions.fill(form, row)
    for name in VOCABULARIES:
        form[name].data = getattr(row, name).code
