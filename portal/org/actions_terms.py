"""Verbs on the entries of the lists: add, change, retire, restore. Records keep the entry they name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from portal.core import ids
from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.errors import Invalid, Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.org import queries
from portal.org.models import Term, TermValidity, Vocabulary
from portal.records import audit


@dataclass(frozen=True, slots=True)
class TermDetails:
    """Its name in both languages; for a training how many months it holds (None: for ever)."""

    name_zh: str
    name_en: str
    months: int | None = None


def add(vocabulary: Vocabulary, details: TermDetails, *, actor: Actor, now: datetime) -> Term:
    """Add an entry at the end of its list. Raises Invalid when the name is there already."""
    rows = queries.all_terms(vocabulary)
    _must_be_new(rows, details, None)
    row = Term(
        vocabulary=vocabulary,
        code=ids.public_id(),
        name_zh=details.name_zh,
        name_en=details.name_en,
        position=max((one.position for one in rows), default=0) + 1,
        active=True,
    )
    db.session.add(row)
    db.session.flush()
    _put_months(row, details.months)
    _audit("term.add", row, actor=actor, now=now)
    return row


def change(term_id: int, details: TermDetails, *, actor: Actor, now: datetime) -> Term:
    """Give an entry another name, on old records too. Raises Invalid when another one has it."""
    row = _locked(term_id)
    _must_be_new(queries.all_terms(Vocabulary(row.vocabulary)), details, row)
    row.name_zh, row.name_en = details.name_zh, details.name_en
    _put_months(row, details.months)
    _audit("term.change", row, actor=actor, now=now)
    return row


def retire(term_id: int, *, actor: Actor, now: datetime) -> Term:
    """Offer an entry no longer; what names it still shows it. Twice is harmless.

    Raises Refused(`last_term`) for the only one left: its list must offer something.
    """
    row = _locked(term_id)
    if not row.active:
        return row
    if len(queries.terms(Vocabulary(row.vocabulary))) == 1:
        message = _("这是最后一项，停用以后就没有可选的了。请先加一项新的。")
        raise Refused(Reason("last_term", message))
    row.active = False
    _audit("term.retire", row, actor=actor, now=now)
    return row


def restore(term_id: int, *, actor: Actor, now: datetime) -> Term:
    """Offer an entry again. Twice is harmless. Raises Refused when its name was given away."""
    row = _locked(term_id)
    if row.active:
        return row
    if any(one.name_zh == row.name_zh for one in queries.terms(Vocabulary(row.vocabulary))):
        message = _("在用的里面已经有同名的一项。请先给其中一项改名。")
        raise Refused(Reason("same_name", message))
    row.active = True
    _audit("term.restore", row, actor=actor, now=now)
    return row


# --- parts ---------------------------------------------------------------------------------------


def _locked(term_id: int) -> Term:
    return cast(Term, locked(Term, term_id))


def _must_be_new(rows: Sequence[Term], details: TermDetails, own: Term | None) -> None:
    for row in rows:
        if row.name_zh == details.name_zh and row.active and (own is None or row.id != own.id):
            raise Invalid("name_zh", _("已经有同名的一项，请换一个名字"))


def _put_months(row: Term, months: int | None) -> None:
    """How long it holds is for what is recorded from now on; what was recorded has its day."""
    validity = db.session.get(TermValidity, row.id)
    if validity and months is None:
        db.session.delete(validity)
    elif validity and months is not None:
        validity.months = months
    elif months is not None:
        db.session.add(TermValidity(term_id=row.id, months=months))
    db.session.flush()


def _audit(verb: str, row: Term, *, actor: Actor, now: datetime) -> None:
    audit.record(
        verb, Ref("term", row.id), actor=actor, now=now, list=row.vocabulary, code=row.code
    )
