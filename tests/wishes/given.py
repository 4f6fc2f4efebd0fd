"""Wishes in every state, made through the feature's own actions."""

from datetime import timedelta
from itertools import count

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import write
from portal.org import queries as org
from portal.org.models import Vocabulary
from portal.wishes import actions, actions_closing, actions_desk, actions_pledges
from portal.wishes.actions import Contact, Filing, Wanted
from portal.wishes.actions_closing import Word
from portal.wishes.actions_desk import PublicWords, Verified
from portal.wishes.actions_pledges import Promise
from portal.wishes.models import ConfirmWay

WORDS = PublicWords("一位独居老人", "想要一根防滑拐杖。")
_numbers = count(1)


def wanted(kind="things", **changes):
    values = {"what": "想要一根拐杖，放在家门口就行", "why": "腿脚不好", "amount": 100} | changes
    return Wanted(kind_id=org.term(Vocabulary.WISH_KIND, kind).id, **values)


def filing(station, **changes):
    n = next(_numbers)
    values = {"wanted": wanted(), "wisher": Contact("李桂兰", f"135{n:08d}")} | changes
    return Filing(station_id=station.id, **values)


def filed(station, *, actor=SYSTEM, now=None, **changes):
    return write(actions.file, filing(station, **changes), actor=actor, now=now or clock.now())


def verified(station, *, now=None, **changes):
    row = filed(station, now=now, **changes)
    return write(
        actions_desk.verify, row.id, Verified.CALL, "", actor=SYSTEM, now=now or clock.now()
    )


def published(station, *, parts=(), now=None, words=WORDS, **changes):
    row = verified(station, now=now, **changes)
    public = PublicWords(words.alias, words.text, tuple(parts))
    return write(actions_desk.publish, row.id, public, actor=SYSTEM, now=now or clock.now())


def pledge(wish, person, *, days=7, part=0, actor=SYSTEM, now=None, team=None):
    now = now or clock.now()
    promise = Promise(
        person.id, clock.local_day(now) + timedelta(days=days), part, team.id if team else None
    )
    return write(actions_pledges.pledge, wish.id, promise, actor=actor, now=now)


def deliver(row, *helps, note="送到了", actor=SYSTEM, now=None):
    return write(actions_pledges.deliver, row.id, note, helps, actor=actor, now=now or clock.now())


def fulfilled(station, person, *helps, now=None, **changes):
    wish = published(station, now=now, **changes)
    deliver(pledge(wish, person, now=now), *helps)
    return wish


def confirm(wish, satisfaction=5, way=ConfirmWay.CALL_BACK, *, proof="", actor=SYSTEM):
    word = Word(way, satisfaction, proof=proof)
    return write(actions_closing.confirm, wish.id, word, actor=actor, now=clock.now())


def close(wish, *, reason="", actor=SYSTEM, now=None):
    return write(actions_closing.close, wish.id, reason, actor=actor, now=now or clock.now())
