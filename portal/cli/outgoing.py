"""What leaves the house: each channel with its sender, and the words that the pages above have."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from flask import current_app

from portal.config import Config
from portal.core import clock
from portal.core.db import db
from portal.notices.gateway import Gateway
from portal.notices.models_reach import Channel
from portal.notices.senders import Sender, channels
from portal.notices.sending import Round, send_due
from portal.notices.smtp import Smtp
from portal.site import told

__all__ = ["Channel", "all_once", "channels", "once"]


def once(channel: Channel, is_over: Callable[[], bool]) -> int:
    """Send what is due by a channel; return how many messages went out."""
    config: Config = current_app.config["PORTAL"]
    with current_app.test_request_context(base_url=config.public_url):  # for the addresses in words
        of = Round(told.outward, config.public_url, clock.now, is_over)
        return send_due(channel, sender_of(channel, config), of)


def all_once(*, seconds: float) -> list[str]:
    """Send what is due by every channel, each for so long; return those that failed themselves."""
    failed = []
    for channel in channels():
        ends = time.monotonic() + seconds
        try:
            once(channel, lambda ends=ends: time.monotonic() > ends)  # type: ignore[misc]
        except Exception:  # one channel, whatever its fault, does not stop the others
            logging.getLogger("portal.tick").exception("sending by %s failed", channel)
            failed.append(f"notices.{channel}")
        finally:
            db.session.rollback()
    return failed


def sender_of(channel: Channel, config: Config) -> Sender:
    """Return who carries the messages of a channel."""
    return Smtp(config) if channel == Channel.EMAIL else Gateway(channel, config)
