"""Servers, and a district that is set up to send by them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine

from portal.cli import outgoing
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.ref import Ref
from portal.notices import actions, addresses, choosing, hooks
from portal.notices.models_reach import Channel, Delivery, NoticeReach
from portal.notices.topics import Topic
from portal.records import outbox
from tests.notices.servers import TOKEN, http_gateway, mail_server


@pytest.fixture
def mailbox():
    with mail_server() as box:
        yield box


@pytest.fixture
def gateway():
    with http_gateway() as got:
        yield got


@pytest.fixture
def sends(app, mailbox, gateway, monkeypatch):
    """Set the application up to send by both servers."""
    set_up(app, monkeypatch, mail=mailbox.port, http=gateway.port)


def set_up(app, monkeypatch, *, mail=0, http=0):
    changes = {
        "smtp_url": f"smtp://127.0.0.1:{mail}" if mail else "",
        "mail_from": "portal@example.org",
        "gateway_url": f"http://127.0.0.1:{http}/messages?v=1" if http else "",
        "gateway_token": TOKEN,
        "gateway_channels": ("sms", "wechat") if http else (),
    }
    monkeypatch.setitem(app.config, "PORTAL", replace(app.config["PORTAL"], **changes))


@pytest.fixture
def at():
    """Move the clock to a local hour of today or of days to come, or on by a span."""
    with time_machine.travel(clock.now(), tick=False) as traveller:

        def to(hour=None, minute=0, *, days=0, **span):
            now = clock.now()
            if hour is None:
                moment = now + timedelta(days=days, **span)
            else:
                day = clock.local_day(now) + timedelta(days=days)
                moment = clock.day_start(day) + timedelta(hours=hour, minutes=minute)
            traveller.move_to(moment)
            return moment

        to(12)
        yield to


def mails_to(person, address="own@example.org", **columns):
    row = NoticeReach(
        person_id=person.id,
        channel=Channel.EMAIL,
        topics=sorted(Topic),
        agreed_at=clock.now(),
        address_sealed=addresses.seal(address),
        **columns,
    )
    db.session.add(row)
    db.session.commit()
    return row


def texts_to(person, channel=Channel.SMS):
    write(choosing.agree, person.id, channel, actor=SYSTEM, now=clock.now())


def tell(person, kind="volunteer_registered", subject=None, **payload):
    subject = subject or Ref("volunteer", 1)
    write(lambda: actions.tell(person.id, kind, subject, now=clock.now(), **payload))


def relay():
    return outbox.relay({"notice": hooks.deliver_notice}, now=clock.now())


def send(*channels):
    return {one: outgoing.once(one, lambda: False) for one in channels or tuple(Channel)}


def deliveries():
    db.session.expire_all()
    return db.session.query(Delivery).order_by(Delivery.id).all()
