"""Pure decisions about certificates: what is certified, whether it holds, and the rule in words.

A certificate is true, accurate, complete and free, and carries time, content and recording unit
(民政部令 67 art. 3, 14, 15). It is a Chinese document: its words are not translated.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from portal.certificates.models import Certificate

# 28 characters of 30 are 137 bits; who types instead of scanning gives the first eight and the
# number, and has ten attempts an hour.
CODE_LENGTH = 28
TYPED_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Scope:
    """What is certified: the days of a period, at a unit with all stations below it."""

    station_id: int
    from_on: date
    to_on: date


class Standing(StrEnum):
    """Whether a certificate holds now."""

    VALID = "valid"
    IN_NOTICE = "in_notice"
    CHANGED = "changed"
    SUPERSEDED = "superseded"
    REVOKED = "revoked"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class Behind:
    """What the ledger holds of a certificate, up to where it went when that was issued."""

    minutes: int
    entries: int
    digest: str


def digest_of(digests: Iterable[str]) -> str:
    """Return the SHA-256 over the digests of ledger entries in their order."""
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()


def agrees(row: Certificate, behind: Behind) -> bool:
    """Return whether the ledger still holds what the certificate says."""
    said = Behind(row.minutes, row.entries, row.entry_digest)
    return said == behind


def standing(
    row: Certificate, *, changed_at: datetime | None, agreed: bool = True, today: date
) -> Standing:
    """Return whether the certificate holds: `changed_at` is when a record behind it was taken back."""
    if row.revoked_at is not None:
        return Standing.REVOKED
    if row.superseded_at is not None:
        return Standing.SUPERSEDED
    if not agreed:
        return Standing.DOUBTFUL
    if changed_at is not None:
        return Standing.CHANGED
    if row.notice_until is not None and today <= row.notice_until:
        return Standing.IN_NOTICE
    return Standing.VALID


def since(row: Certificate, state: Standing, changed_at: datetime | None) -> datetime | None:
    """Return since when it does not hold any more."""
    known = {
        Standing.REVOKED: row.revoked_at,
        Standing.SUPERSEDED: row.superseded_at,
        Standing.CHANGED: changed_at,
    }
    return known.get(state)


# --- numbers and codes ---------------------------------------------------------------------------


def normal(typed: str | None) -> str:
    """Return a number or code as it is kept, whatever blanks and capitals it was typed with."""
    return re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", typed or "")).lower()


def typed_part(code: str) -> str:
    """Return what of a code is typed by hand."""
    return code[:TYPED_LENGTH]


def in_fours(text: str) -> str:
    """Return 4403 2026 0000 017: groups are read and typed with fewer mistakes."""
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


# --- the words of the paper ----------------------------------------------------------------------

_ROUNDING = {"down": "不足的舍去", "nearest": "四舍五入", "up": "不足的补足"}


def length(minutes: int) -> str:
    """Return 1 小时 30 分钟."""
    hours, rest = divmod(minutes, 60)
    parts = [f"{hours} 小时"] if hours else []
    if rest or not hours:
        parts.append(f"{rest} 分钟")
    return " ".join(parts)


def in_full(day: date) -> str:
    """Return 2026年11月28日."""
    return f"{day.year}年{day.month}月{day.day}日"


def rule_words(judged: Iterable[tuple[date, Mapping[str, Any]]]) -> str:
    """Return the rules that these records were judged by, in words; each (day, rule) as it is kept.

    Where a rule changed within the period, each stands with the day of its first record.
    """
    first: dict[str, date] = {}
    for day, rule in judged:
        words = _one_rule(rule)
        first[words] = min(day, first.get(words, day))
    if len(first) <= 1:
        return next(iter(first), "")
    ordered = sorted(first.items(), key=lambda one: one[1])
    return "；".join(f"{in_full(day)}的记录起，{words}" for words, day in ordered)


def _one_rule(rule: Mapping[str, Any]) -> str:
    parts = []
    if "step" in rule:
        how = _ROUNDING.get(rule.get("rounding", ""), "")
        parts.append(f"按 {rule['step']} 分钟取整，{how}" if how else f"按 {rule['step']} 分钟取整")
    if "grace" in rule:
        parts.append(f"开始前、结束后最多各计 {rule['grace']} 分钟")
    if "day_cap" in rule:
        parts.append(f"一天最多计 {length(rule['day_cap'])}")
    return "，".join(parts) or "按在现场的时间，路上不算"
