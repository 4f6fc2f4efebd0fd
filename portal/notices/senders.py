"""Who carries messages out of the house: one small protocol, and what the environment sets up of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from flask import current_app

from portal.config import Config
from portal.notices.models_reach import Channel

# One answer of the other side is waited for this long.
SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Message:
    """What goes out. `key` is the same at every attempt, so that a second one can be told."""

    key: str
    to: str
    lang: str
    kind: str
    subject: str
    text: str
    url: str
    choices_url: str
    site: str
    # Short values for the template of a message: what, when, where.
    values: Mapping[str, str] = field(default_factory=dict)


class NotSent(Exception):
    """A message did not go out. `code` says why, in a few plain characters.

    `for_good`: the other side will never take it. `is_down`: nobody is there at all, so the rest
    need not be tried now.
    """

    def __init__(self, code: str, *, for_good: bool = False, is_down: bool = False) -> None:
        super().__init__(code)
        self.code = code[:40]
        self.for_good = for_good
        self.is_down = is_down


class Sender(Protocol):
    """Carries one message; returns when the other side has taken it, else raises NotSent."""

    def send(self, message: Message) -> None:
        """Hand it over. Twice with one key is one message, as far as the other side can tell."""


def channels() -> tuple[Channel, ...]:
    """Return the channels that the environment has set up."""
    config: Config = current_app.config["PORTAL"]
    mail = (Channel.EMAIL,) if config.smtp_url else ()
    return (*mail, *(Channel(one) for one in config.gateway_channels))
