"""Own pages: the branch one is in, this year's service, the community one reports to."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock, filters
from portal.core.access import allowed, current_actor, signed_in
from portal.core.db import write
from portal.core.errors import Invalid
from portal.core.i18n import gettext as _
from portal.core.web import changed, invalid, page, safe_next
from portal.membership import actions, actions_reports, moves, queries, rules, standing, words
from portal.membership import queries_members as members
from portal.membership.actions_reports import Offer
from portal.membership.blueprint import bp
from portal.membership.forms import AskForm, OfferForm
from portal.membership.models import CommunityTie
from portal.org import queries as org
from portal.org.models import Vocabulary
from portal.people import party
from portal.people.models_party import PartyMember
from portal.records import notes


def _me() -> int:
    return current_actor().person_id or 0


@bp.get("/me/party")
@allowed(signed_in)
def mine() -> ResponseReturnValue:
    """Show this year's service of a member; to others, the way into a branch."""
    return page("membership/mine.html", **_shown(AskForm(formdata=None)))


def _shown(form: AskForm) -> dict[str, Any]:
    person_id, today = _me(), clock.today()
    asked = members.request_of(person_id)
    member = party.membership_of(person_id)
    return {
        "member": member,
        "asked": asked,
        "refusal": notes.latest(moves.request_ref(asked), "refusal") if asked else "",
        "form": form.offer(queries.all_branches()),
        "keeps": bool(party.branches_kept_by(person_id)),
        "demands": words.demands(standing.targets()),
        "today": today,
        **(_year(member) if member else {}),
    }


def _year(member: PartyMember) -> dict[str, Any]:
    """Return the year of a member, computed from the records."""
    person_id, today = member.person_id, clock.today()
    year = rules.year_of(request.args.get("year", ""), today)
    span, asked = rules.year_span(year), standing.targets()
    counted = standing.of(members.live_members().where(_is(person_id)), span, asked)[0].counted
    behind = standing.behind(person_id, span, asked)
    stands = rules.standing(counted, asked, span, today)
    return {
        "year": year,
        "years": [one for one in (year - 1, year + 1) if rules.FIRST_YEAR <= one <= today.year],
        "tie": members.tie_of(person_id),
        "stands": stands,
        "counted": counted,
        "pledges": behind.pledges,
        "lines": words.period_lines(counted, behind, asked, year, today),
        "due": words.still_due(stands, asked, year, today),
        "done_words": words.done_words,
        "report_text": words.PRESENT_WORDS[asked.every],
        "may_report": year == today.year and not stands.present.have,
        "minutes_text": filters.minutes(counted.minutes),
    }


def _is(person_id: int) -> Any:
    return PartyMember.person_id == person_id


@bp.post("/me/party/request")
@allowed(signed_in)
def ask() -> ResponseReturnValue:
    """Say which branch one is in, and agree that it is kept."""
    form = AskForm()
    values = _shown(form)
    if not form.validate():
        return invalid("membership/mine.html", **values)
    branch = queries.branch_by_id(str(form.branch.data))
    if branch is None:
        form.add_error("branch", _("请从列表中选择一项"))
        return invalid("membership/mine.html", **values)
    since_on = form.since.data or clock.today()
    try:
        write(actions.ask, _me(), branch.id, since_on, actor=current_actor(), now=clock.now())
    except Invalid as error:
        form.add_error(error.field, error.message)
        return invalid("membership/mine.html", **values)
    flash(_("已经提交，等负责人确认。"), "success")
    return changed(url_for("membership.mine"))


@bp.post("/me/party/request/withdrawal")
@allowed(signed_in)
def withdraw_request() -> ResponseReturnValue:
    """Take back what was asked, or put a refusal away."""
    write(actions.withdraw_request, _me(), actor=current_actor(), now=clock.now())
    flash(_("已经撤回。"), "success")
    return changed(url_for("membership.mine"))


@bp.post("/me/community/report")
@allowed(signed_in)
def report() -> ResponseReturnValue:
    """Report to the community, in one tap, from whichever page the button stood on."""
    row = write(actions_reports.report, _me(), actor=current_actor(), now=clock.now())
    place = row.station.community or row.station.name
    flash(_("已经向%(place)s报到。", place=place), "success")
    return changed(safe_next(request.form.get("next"), url_for("membership.community")))


# --- the community ---------------------------------------------------------------------------------


@bp.route("/me/community", methods=["GET", "POST"])
@allowed(signed_in)
def community() -> ResponseReturnValue:
    """Choose the community to report to, and say what one can do there."""
    form = OfferForm()
    tie = members.tie_of(_me())
    kept = [one.code for one in members.terms_of([tie.id]).get(tie.id, ())] if tie else []
    terms = {
        vocabulary: org.terms(vocabulary, *kept)
        for vocabulary in (Vocabulary.SKILL, Vocabulary.SERVICE_KIND)
    }
    form.offer(org.communities(), terms[Vocabulary.SKILL], terms[Vocabulary.SERVICE_KIND])
    values: dict[str, Any] = {"form": form, "tie": tie, **_present(tie)}
    if request.method == "GET":
        _fill_in(form)
        return page("membership/community.html", **values)
    if not form.validate():
        return invalid("membership/community.html", **values)
    station = org.station_by_id(str(form.station.data))
    if station is None:
        return _no_station(form, values)
    codes = {*(form.skills.data or ()), *(form.service_kinds.data or ())}
    ids = frozenset(row.id for rows in terms.values() for row in rows if row.code in codes)
    given = Offer(station.id, ids, bool(form.shown.data))
    write(actions_reports.offer, _me(), given, actor=current_actor(), now=clock.now())
    flash(_("已经保存。"), "success")
    return changed(url_for("membership.community"))


def _present(tie: CommunityTie | None) -> dict[str, Any]:
    """Return whether the period of today is reported, and what the button says."""
    every, today = standing.targets().every, clock.today()
    period = rules.period_at(today, every)
    row = members.report_in(_me(), period.first, period.last) if tie else None
    return {
        "report_text": words.PRESENT_WORDS[every],
        "reported": words.said_of(row) if row else "",
    }


def _no_station(form: OfferForm, values: dict[str, Any]) -> Response:
    form.add_error("station", _("请从列表中选择一项"))
    return invalid("membership/community.html", **values)


def _fill_in(form: OfferForm) -> None:
    tie = members.tie_of(_me())
    if tie is None:
        return
    offered = members.terms_of([tie.id]).get(tie.id, [])
    form.station.data, form.shown.data = tie.station.public_id, tie.shown
    form.skills.data = [row.code for row in offered if row.vocabulary == Vocabulary.SKILL]
    form.service_kinds.data = [
        row.code for row in offered if row.vocabulary == Vocabulary.SERVICE_KIND
    ]


@bp.post("/me/community/leaving")
@allowed(signed_in)
def leave_community() -> ResponseReturnValue:
    """Report to no community any more."""
    write(actions_reports.leave, _me(), actor=current_actor(), now=clock.now())
    flash(_("已经取消。"), "success")
    return changed(url_for("membership.community"))
