"""Certificates of the demo district: one that holds, one that was replaced, one taken back."""

from __future__ import annotations

from datetime import datetime, timedelta

from portal.certificates import actions
from portal.certificates.models import Revocation
from portal.certificates.rules import Scope
from portal.cli.district.past import WEEKS
from portal.cli.district.places import Places
from portal.cli.district.residents import Residents
from portal.core import clock
from portal.people.counter import Identified
from portal.people.models_consents import Channel


def make(places: Places, residents: Residents, now: datetime) -> None:
    """Let a volunteer have had certificates, and a neighbour one that the desk issued by mistake."""
    today, station = clock.local_day(now), places.stations[0]
    first = today - timedelta(weeks=WEEKS + 1)
    volunteer, own = residents.accounts["volunteer"], residents.actor("volunteer")
    here = Scope(station.id, first, today - timedelta(days=10))
    old = actions.issue(volunteer.id, here, actor=own, now=now - timedelta(days=9))
    actions.reissue(old.id, actor=own, now=now - timedelta(days=4))
    everywhere = Scope(places.centre.id, first, today - timedelta(days=2))
    actions.issue(volunteer.id, everywhere, actor=own, now=now - timedelta(days=1))
    manager, neighbour = residents.actor("manager"), residents.volunteers[station.id][0]
    wrong = actions.issue(
        neighbour.id, here, actor=manager, now=now - timedelta(days=3),
        channel=Channel.DESK.value, identified=Identified.KNOWN.value,
    )  # fmt: skip
    words = "时段选错了，请再来一次，我们重新开。"
    actions.revoke(wrong.id, Revocation.MISTAKE, words, actor=manager, now=now - timedelta(days=2))
