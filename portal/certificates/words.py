"""Whether a certificate holds, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from markupsafe import Markup, escape

from portal.certificates import queries_ledger as ledger
from portal.certificates import rules
from portal.certificates.models import REVOCATION_LABELS, Certificate, Revocation
from portal.certificates.rules import Standing
from portal.core import clock, filters
from portal.core.i18n import gettext as _
from portal.core.i18n import lang
from portal.core.i18n import lazy_gettext as _l

STANDING_LABELS = {
    Standing.VALID: _l("有效"),
    Standing.IN_NOTICE: _l("公示中"),
    Standing.CHANGED: _l("已失效，记录有更正"),
    Standing.SUPERSEDED: _l("已失效，换了新证明"),
    Standing.REVOKED: _l("已撤销"),
    Standing.DOUBTFUL: _l("和记录对不上"),
}
TONES = {
    Standing.VALID: "success",
    Standing.IN_NOTICE: "info",
    Standing.CHANGED: "warning",
    Standing.SUPERSEDED: "neutral",
    Standing.REVOKED: "danger",
    Standing.DOUBTFUL: "danger",
}


def in_full(day: date) -> str:
    """Return 2026年11月28日 / 28 Nov 2026: with the year always, as on the paper."""
    short = filters.short_day(day)
    return f"{short}\u00a0{day.year}" if lang() == "en" else f"{day.year}年{short}"


def period(first: date, last: date) -> Markup:
    """Return the days from one to another, of which no line breaks one."""
    return _whole(_("%(first)s 到 %(last)s"), first=in_full(first), last=in_full(last))


def _whole(said: str, **parts: str) -> Markup:
    """Return a sentence of ours with its parts put in; no line breaks one that is not markup yet."""
    whole = {
        name: part if isinstance(part, Markup) else filters.whole(part)
        for name, part in parts.items()
    }
    return Markup(said) % whole  # noqa: S704  a literal of ours


@dataclass(frozen=True, slots=True)
class Seen:
    """A certificate as it stands today."""

    row: Certificate
    state: Standing
    since: datetime | None

    @property
    def number(self) -> str:
        """The number in groups."""
        return rules.in_fours(self.row.number)

    @property
    def period(self) -> Markup:
        """The days it covers."""
        return period(self.row.from_on, self.row.to_on)

    @property
    def issued_on(self) -> str:
        """The day it was issued."""
        return in_full(clock.local_day(self.row.issued_at))

    @property
    def notice_until(self) -> str:
        """The last day of its public notice."""
        return in_full(self.row.notice_until) if self.row.notice_until else ""

    @property
    def label(self) -> str:
        """Whether it holds, in a word."""
        return str(STANDING_LABELS[self.state])

    @property
    def tone(self) -> str:
        """How the word is shown."""
        return TONES[self.state]

    @property
    def holds(self) -> bool:
        """Whether it is valid."""
        return self.state == Standing.VALID

    @property
    def is_live(self) -> bool:
        """Whether it was neither taken back nor replaced."""
        return self.row.is_live

    @property
    def sentence(self) -> Markup:
        """What that means for who checks it, with the day and why."""
        return _sentence(self)


def seen(rows: Sequence[Certificate], today: date) -> list[Seen]:
    """Return certificates as they stand; the ledger is asked once for all of them."""
    changed = ledger.changed_since([row.id for row in rows])
    return [_seen(row, changed.get(row.id), today) for row in rows]


def compared(row: Certificate, today: date) -> Seen:
    """Return one as it stands, after comparing it with the ledger entry by entry."""
    changed = ledger.changed_since([row.id]).get(row.id)
    agreed = rules.agrees(row, ledger.behind(row.id))
    return _seen(row, changed, today, agreed=agreed)


def _seen(row: Certificate, changed: datetime | None, today: date, *, agreed: bool = True) -> Seen:
    state = rules.standing(row, changed_at=changed, agreed=agreed, today=today)
    return Seen(row, state, rules.since(row, state, changed))


def _sentence(one: Seen) -> Markup:
    row = one.row
    day = in_full(clock.local_day(one.since)) if one.since else ""
    if one.state == Standing.REVOKED:
        why = escape(REVOCATION_LABELS[Revocation(row.revoked_reason or Revocation.MISTAKE)])
        return _whole(_("这份证明从 %(day)s 起撤销。原因：%(why)s。"), day=day, why=why)
    if one.state == Standing.SUPERSEDED:
        new = rules.in_fours(row.superseded_by.number) if row.superseded_by else ""
        return _whole(
            _("这份证明从 %(day)s 起失效，请看新的证明，编号 %(new)s。"), day=day, new=new
        )
    if one.state == Standing.CHANGED:
        said = _("这份证明从 %(day)s 起失效：里面的服务记录有更正。请向本人要新的证明。")
        return _whole(said, day=day)
    if one.state == Standing.IN_NOTICE:
        said = _("正在公示，到 %(until)s 为止。公示结束，没有异议才有效。")
        return _whole(said, until=one.notice_until)
    if one.state == Standing.DOUBTFUL:
        return _whole(_("这份证明和服务记录对不上，请不要使用，并打电话告诉我们。"))
    return _whole(_("这份证明有效，和服务记录一致。"))
