"""Sending what waits: claimed in one short write, sent outside of any, marked in another.

A server that is slow holds no lock, one that is down holds up no other channel, and never a write of
somebody's. Between sending and marking a crash may fall: then the message goes out once more, with
the same key.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update

from portal.core.db import db, write
from portal.core.errors import Busy
from portal.core.i18n import gettext as _
from portal.core.i18n import speaking
from portal.notices import addresses, queries, rules
from portal.notices.models import Notice
from portal.notices.models_reach import Channel, Delivery, DeliveryState, NoticeReach
from portal.notices.senders import Message, NotSent, Sender
from portal.notices.topics import topic_of
from portal.people import queries as people
from portal.records import settings

BATCH = 100
CHOICES = "/me/notices/choices"
CODE = "mail_code"


@dataclass(frozen=True, slots=True)
class Told:
    """A notice in words as they leave the house: nothing of other people. `href` is of the site."""

    text: str
    subject: str = ""
    when: str = ""
    place: str = ""
    href: str = "/me"


# Words of a notice in the language that is spoken just now; None when it is not true any more.
Words = Callable[[Notice], Told | None]


@dataclass(frozen=True, slots=True)
class Round:
    """What a round of sending needs: words, the site's address, the time, when to stop."""

    words: Words
    base_url: str
    now: Callable[[], datetime]
    is_over: Callable[[], bool] = lambda: False


def send_due(channel: Channel, sender: Sender, of: Round) -> int:
    """Send what is due by one channel until nobody is there to take it; return how many went."""
    sent = 0
    for delivery_id in queries.due(channel, of.now(), BATCH):
        if of.is_over():
            break
        attempt = write(claim, delivery_id, now=of.now())
        if not attempt:
            continue
        try:
            sent += _send(delivery_id, sender, of)
        except NotSent as error:
            write(fail, delivery_id, attempt, error, now=of.now())
            if error.is_down:
                logging.getLogger("portal.notices").warning("%s: %s", channel, error.code)
                break
        except Busy:
            raise
        except Exception as error:  # a fault of one message, whatever it is
            logging.getLogger("portal.notices").exception("delivery %d failed", delivery_id)
            write(fail, delivery_id, attempt, NotSent(type(error).__name__), now=of.now())
    return sent


def _send(delivery_id: int, sender: Sender, of: Round) -> bool:
    """Send what was claimed, or put it off or away; return whether it went out."""
    quiet_until = _quiet_until(delivery_id, of.now())
    message = None if quiet_until else _message(delivery_id, of)
    db.session.rollback()  # nothing is read while the other side is waited for
    if quiet_until:
        write(put_off, delivery_id, quiet_until)
        return False
    if message is not None:
        sender.send(message)
    state = DeliveryState.SENT if message else DeliveryState.SKIPPED
    write(end, delivery_id, state, "", now=of.now())
    return message is not None


# --- short writes --------------------------------------------------------------------------------


def claim(delivery_id: int, *, now: datetime) -> int:
    """Take a message for a while and return which attempt this is; 0 when somebody else has it."""
    free = (
        update(Delivery)
        .where(
            Delivery.id == delivery_id,
            Delivery.state == DeliveryState.WAITING,
            Delivery.not_before <= now,
        )
        .values(attempts=Delivery.attempts + 1, not_before=now + rules.LEASE)
        .returning(Delivery.attempts)
    )
    return db.session.execute(free).scalar() or 0


def end(delivery_id: int, state: DeliveryState, error: str, *, now: datetime) -> None:
    """Write down what became of a message. One that was sent stays so, whoever says otherwise."""
    waiting = update(Delivery).where(
        Delivery.id == delivery_id, Delivery.state == DeliveryState.WAITING
    )
    db.session.execute(waiting.values(state=state, error=error, ended_at=now))


def fail(delivery_id: int, attempt: int, error: NotSent, *, now: datetime) -> None:
    """Let a message wait for the next attempt, or end it after the last."""
    again = None if error.for_good else rules.again_at(attempt, now)
    if again is None:
        state = DeliveryState.REFUSED if error.for_good else DeliveryState.GAVE_UP
        end(delivery_id, state, error.code, now=now)
        return
    # Whoever was so slow that somebody else took it over changes nothing.
    own = update(Delivery).where(
        Delivery.id == delivery_id,
        Delivery.state == DeliveryState.WAITING,
        Delivery.attempts == attempt,
    )
    db.session.execute(own.values(not_before=again, error=error.code))


def put_off(delivery_id: int, until: datetime) -> None:
    """Let a message wait that was not tried at all."""
    waiting = update(Delivery).where(
        Delivery.id == delivery_id, Delivery.state == DeliveryState.WAITING
    )
    db.session.execute(waiting.values(not_before=until, attempts=Delivery.attempts - 1))


# --- messages ------------------------------------------------------------------------------------


def _message(delivery_id: int, of: Round) -> Message | None:
    """Return what goes out; None when it is not needed any more."""
    row = queries.delivery(delivery_id)
    reach = queries.reach(row.person_id, Channel(row.channel))
    now = of.now()
    if reach is None or now - row.created_at > rules.TOO_OLD:
        return None
    with speaking(queries.preference(row.person_id).lang):
        if row.notice is None:
            return _code_message(row, reach, of) if _code_waits(reach, now) else None
        to = _address(reach)
        if not to or reach.agreed_at is None or not _is_wanted(row.notice, reach, now):
            return None
        told = of.words(row.notice)
        return _notice_message(row, to, told, of) if told else None


def _quiet_until(delivery_id: int, now: datetime) -> datetime | None:
    """Return when it is not quiet any more, for what was due earlier and is tried in quiet hours."""
    row = queries.delivery(delivery_id)
    if row.notice is None:
        return None
    quiet = queries.quiet_hours(queries.preference(row.person_id))
    at = rules.may_go_at(now, quiet, urgent=row.notice.is_urgent)
    return at if at > now else None


def _code_waits(reach: NoticeReach, now: datetime) -> bool:
    return bool(reach.pending_sealed and reach.code_until and now < reach.code_until)


def _is_wanted(notice: Notice, reach: NoticeReach, now: datetime) -> bool:
    until = notice.payload.get("until")
    is_past = until is not None and datetime.fromisoformat(until) <= now
    return notice.read_at is None and not is_past and topic_of(notice.kind) in reach.topics


def _address(reach: NoticeReach) -> str:
    if reach.channel == Channel.EMAIL:
        return addresses.unseal(reach.address_sealed) if reach.address_sealed else ""
    account = people.account_of(reach.person_id)
    return account.phone if account and account.disabled_at is None else ""


def _notice_message(row: Delivery, to: str, told: Told, of: Round) -> Message:
    site, url = settings.get("site_name"), of.base_url + told.href
    facts = [one for one in (told.subject, told.when, told.place) if one]
    lang = queries.preference(row.person_id).lang
    mails = row.channel == Channel.EMAIL
    return Message(
        key=row.public_id,
        to=to,
        lang=lang,
        kind=row.notice.kind if row.notice else CODE,
        subject=_("【%(site)s】%(words)s", site=site, words=told.text),
        text=_letter(told.text, facts, url, of) if mails else " ".join([told.text, *facts]),
        url=url,
        choices_url=of.base_url + CHOICES,
        site=site,
        values={"subject": told.subject, "when": told.when, "place": told.place},
    )


def _letter(text: str, facts: list[str], url: str, of: Round) -> str:
    foot = _("不想再收，或者换时间收，在这里改：%(url)s", url=of.base_url + CHOICES)
    help_line = _("求助电话 %(phone)s", phone=settings.get("help_phone"))
    lines = [text, "", *facts, _("打开看看：%(url)s", url=url), "", "-- ", foot]
    return "\n".join([*lines, f"{settings.get('site_name')} · {help_line}", ""])


def _code_message(row: Delivery, reach: NoticeReach, of: Round) -> Message:
    site, code = settings.get("site_name"), addresses.code_of(reach)
    text = _("验证码是 %(code)s，30 分钟内有效。", code=code)
    notice = _("在网站上填了这个邮箱的人才需要它。不是您填的，不用理会。")
    return Message(
        key=row.public_id,
        to=addresses.unseal(reach.pending_sealed or b""),
        lang=queries.preference(row.person_id).lang,
        kind=CODE,
        subject=_("【%(site)s】邮箱验证码", site=site),
        text=f"{text}\n{notice}\n\n{site}\n",
        url=of.base_url + CHOICES,
        choices_url=of.base_url + CHOICES,
        site=site,
    )
