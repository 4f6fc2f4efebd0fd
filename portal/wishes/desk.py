"""What the desk's page of one wish shows, put together in one place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from portal.core import clock, filters
from portal.core.access import Actor, Role
from portal.records import notes, settings
from portal.wishes import moves, queries, rules, story, words
from portal.wishes import queries_pledges as pledges
from portal.wishes import queries_stories as stories
from portal.wishes.actions_pledges import shown_name
from portal.wishes.forms_desk import (
    CallBackForm,
    CloseForm,
    ConsentForm,
    EndPledgeForm,
    NotDoneForm,
    PublishForm,
    RejectForm,
    SendBackForm,
    StoryForm,
    VerifyForm,
    WithdrawForm,
    WordsForm,
)
from portal.wishes.models import FILER_LABELS, WAY_LABELS, Filer, Way, Wish, WishPrivate, WishState
from portal.wishes.models_pledges import PLEDGE_STATE_LABELS, Pledge, PledgeState
from portal.wishes.queries_desk import Moment


def kept_by(actor: Actor) -> frozenset[int]:
    """Return the ids of the stations whose wishes the actor keeps."""
    return actor.stations(Role.STATION_MANAGER, Role.ADMINISTRATOR)


def moment(now: datetime) -> Moment:
    """Return what overdue is judged by now."""
    days = timedelta(days=settings.get("wish_call_back_days"))
    return Moment(clock.local_day(now), now - days)


def detail(row: Wish, actor: Actor, **forms: Any) -> dict[str, Any]:
    """Return what the page shows; `forms` are those that came back."""
    private, state = queries.private_of(row.id), WishState(row.state)
    told = stories.story_of(row.id)
    can = {verb for at, verb in rules.STEPS if at == state}
    return {
        "wish": row,
        "card": words.card(row),
        "private": private,
        "revealed": False,
        "way": WAY_LABELS[Way(row.way)],
        "filer": FILER_LABELS[Filer(row.filer)],
        "is_own": actor.person_id is not None and actor.person_id == row.wisher_id,
        "can": can,
        "may_edit": "edit" in can and not row.taken,
        "similar": _similar(row, private),
        "texts": queries.texts_of(row.id),
        "parts": words.parts(row),
        "pledges": [_shown(one) for one in pledges.all_of(row.id)],
        "photos": stories.photos_of_wishes([row.id]),
        "told": told,
        "is_done": state in {WishState.CONFIRMED, WishState.CLOSED},
        "timeline": story.story(row, for_staff=True),
        "leaks": [],
        "has_errors": any(getattr(form, "errors", None) for form in forms.values()),
        **_forms(row, private, told.text if told else ""),
        **forms,
    }


def _forms(row: Wish, private: WishPrivate | None, told: str) -> dict[str, Any]:
    wanted = private.what if private else ""
    public = {"alias": row.alias, "text": row.public_text or wanted}
    story_text = told or row.public_text
    return {
        "verifying": VerifyForm(None),
        "returning": SendBackForm(None),
        "rejecting": RejectForm(None),
        "publishing": PublishForm(None, data=public),
        "editing": WordsForm(None, data=public),
        "calling": CallBackForm(None),
        "reopening": NotDoneForm(None),
        "closing": CloseForm(None),
        "withdrawing": WithdrawForm(None),
        "ending": EndPledgeForm(None),
        "consenting": ConsentForm(None),
        "telling": StoryForm(None, data={"story": story_text}),
    }


def _similar(row: Wish, private: WishPrivate | None) -> list[dict[str, str]]:
    if private is None or row.state not in queries.OPEN:
        return []
    found = queries.similar(private.phone, private.name, row.station_id, but=row.id)
    return hints(found)


def hints(rows: Sequence[Wish]) -> list[dict[str, str]]:
    """Return similar wishes as the desk is warned of them: by number, kind, state and place."""
    return [
        {
            "id": one.public_id,
            "number": one.number,
            "about": f"{one.kind.label} · {words.state_words(one)} · {one.station.name}",
        }
        for one in rows
    ]


def _shown(row: Pledge) -> dict[str, Any]:
    said = {note.kind: note.text for note in notes.of(moves.pledge_ref(row))}
    active = row.state == PledgeState.ACTIVE
    return {
        "id": row.public_id,
        "who": shown_name(row),
        "part": row.part.label,
        "state": PLEDGE_STATE_LABELS[PledgeState(row.state)],
        "is_active": active,
        "is_late": active and row.promised_on < clock.today(),
        "promised": filters.day(row.promised_on),
        "since": filters.day(clock.local_day(row.pledged_at)),
        "extended": bool(row.extensions),
        "delivery": said.get("delivery", ""),
        "reason": said.get("reason", ""),
        "minutes": sum(one.minutes for one in pledges.helps_of(row.id)),
    }
