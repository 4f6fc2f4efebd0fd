"""Verbs on certificates: issue, issue anew, take back. None of them changes the ledger."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from portal.certificates import drafting, numbers, policy, queries, rules
from portal.certificates import queries_ledger as ledger
from portal.certificates import sheet as sheets
from portal.certificates.drafting import Draft
from portal.certificates.models import Certificate, CertificateHead, Revocation
from portal.certificates.rules import Scope
from portal.core import clock, filters, ids, tokens
from portal.core.access import Actor
from portal.core.db import db, locked
from portal.core.errors import Invalid, Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.hours import hooks as hours
from portal.notices.actions import tell
from portal.people.locks import lock_person
from portal.records import audit, notes, outbox, settings


def ref(row: Certificate) -> Ref:
    """Return how notes, notices and the log name the row."""
    return Ref("certificate", row.id)


def issue(
    person_id: int, scope: Scope, *, actor: Actor, now: datetime, **known: str
) -> Certificate:
    """Certify what counts now; what was certified already in just these words is returned.

    Certificates of the same scope that say something else are replaced. `known` are the codes by
    which staff knew whom they acted for. Raises Refused when nothing counts, or when the person's
    ledger does not hold together.
    """
    drafted = _drafted(person_id, scope, now)
    for row in queries.live_of_scope(person_id, scope):
        if row.entry_digest == drafted.digest:
            return row
    return _put(drafted, actor=actor, now=now, **known)


def reissue(certificate_id: int, *, actor: Actor, now: datetime, **known: str) -> Certificate:
    """Certify the same scope anew, as name and records are now; twice gives one new certificate."""
    before = db.session.get_one(Certificate, certificate_id)
    person_id = before.person.merged_into_id or before.person_id
    scope = Scope(before.station_id, before.from_on, before.to_on)
    drafted = _drafted(person_id, scope, now)
    before = _lock(certificate_id)
    if before.superseded_by is not None:
        return before.superseded_by
    if before.revoked_at is not None:
        message = _("这份证明已经撤销，不能更换。可以重新开一份。")
        raise Refused(Reason("revoked", message, _("开证明"), "/me/certificates/new"))
    return _put(drafted, actor=actor, now=now, **known)


def _drafted(person_id: int, scope: Scope, now: datetime) -> Draft:
    """Lock the person, whose row every entry of the ledger waits for, and see what counts."""
    person = lock_person(person_id)
    if not scope.from_on <= scope.to_on <= clock.local_day(now):
        raise Invalid("last", _("结束日期不能早于开始日期，也不能晚于今天"))
    for chain in ledger.chains_of(person_id):
        if any(hours.chain_faults(chain)):
            message = _("服务记录的校验没有通过，现在不能开证明。请联系创建办。")
            raise Refused(Reason("broken_ledger", message))
    drafted = drafting.draft(person, scope)
    if not drafted.given:
        message = _("这段时间在这个单位没有已计入的服务时长，开不了证明。可以换一段时间。")
        raise Refused(Reason("nothing_given", message))
    return drafted


def _put(drafted: Draft, *, actor: Actor, now: datetime, **known: str) -> Certificate:
    before = queries.live_of_scope(drafted.person.id, drafted.scope)
    row = _new(drafted, actor=actor, now=now)
    for old in before:
        old.superseded_by_id, old.superseded_at = row.id, now
        outbox.recall(ref(old))
    audit.record(
        "certificate.issue", ref(row), actor=actor, now=now, station_id=row.station_id,
        person=row.person_id, minutes=row.minutes, instead_of=[old.id for old in before], **known,
    )  # fmt: skip
    _tell_of(row, actor=actor, now=now)
    return row


def _new(drafted: Draft, *, actor: Actor, now: datetime) -> Certificate:
    number = numbers.next_number(clock.local_day(now))
    code = ids.code(rules.CODE_LENGTH)
    scope = drafted.scope
    row = Certificate(
        number=number,
        code_hash=tokens.fingerprint(code),
        code_sealed=sheets.seal_code(code),
        person_id=drafted.person.id,
        station_id=scope.station_id,
        from_on=scope.from_on,
        to_on=scope.to_on,
        minutes=drafted.minutes,
        entries=len(drafted.given),
        entry_digest=drafted.digest,
        name_masked=filters.masked_name(drafted.person.name),
        sheet_sealed=sheets.seal(drafting.sheet(drafted, number, now=now)),
        issued_at=now,
        issued_by_id=actor.person_id,
        notice_until=_notice_until(now),
    )
    db.session.add(row)
    db.session.flush()
    for last in ledger.heads_of(drafted.person.id):
        db.session.add(
            CertificateHead(
                certificate_id=row.id, person_id=last.person_id, seq=last.seq, digest=last.digest
            )
        )
    db.session.flush()
    return row


def _notice_until(now: datetime) -> date | None:
    days = settings.get("certificate_notice_days")
    return clock.local_day(now) + timedelta(days=days) if days else None


def _tell_of(row: Certificate, *, actor: Actor, now: datetime) -> None:
    if actor.person_id != row.person_id:
        tell(row.person_id, "certificate_issued", ref(row), now=now)
    if row.notice_until is not None:
        over = clock.day_start(row.notice_until + timedelta(days=1))
        tell(row.person_id, "certificate_ready", ref(row), now=now, wait=over - now)


def revoke(
    certificate_id: int, reason: Revocation, words: str, *, actor: Actor, now: datetime
) -> Certificate:
    """Take it back for good, with a reason that everybody who checks it reads; twice is harmless."""
    row = _lock(certificate_id)
    if row.revoked_at is not None:
        return row
    if row.superseded_at is not None:
        message = _("这份证明已经被新的代替，不用再撤销。要撤销的是新的那一份。")
        raise Refused(Reason("superseded", message))
    if policy.is_own(actor, row):
        message = _("这是您自己的证明，要由另一位负责人或者上级站点来撤销。")
        raise Refused(Reason("own_certificate", message))
    _take_back(row, reason, actor=actor, now=now)
    notes.put(ref(row), "revoke", words, actor=actor, now=now)
    tell(row.person_id, "certificate_revoked", ref(row), now=now)
    return row


def _take_back(row: Certificate, reason: Revocation, *, actor: Actor, now: datetime) -> None:
    row.revoked_at, row.revoked_reason = now, reason
    outbox.recall(ref(row))
    audit.record(
        "certificate.revoke", ref(row), actor=actor, now=now, station_id=row.station_id,
        person=row.person_id, reason=reason.value,
    )  # fmt: skip


def forget(certificate_id: int, *, actor: Actor, now: datetime) -> None:
    """Erase name and words; as nobody can compare the name any more, it does not hold any more."""
    row = _lock(certificate_id)
    if row.is_live:
        _take_back(row, Revocation.ERASED, actor=actor, now=now)
    row.sheet_sealed, row.name_masked = None, ""
    notes.erase(ref(row))


def tell_change(certificate_id: int, *, actor: Actor, now: datetime) -> None:  # noqa: ARG001  a verb's form
    """Tell the person, once, that a record behind it was corrected."""
    row = _lock(certificate_id)
    if row.change_told_at is None and row.is_live:
        row.change_told_at = now
        tell(row.person_id, "certificate_changed", ref(row), now=now)


def note_print(certificate_id: int, *, actor: Actor, now: datetime, **known: str) -> None:
    """Write down that staff printed it for the person."""
    row = db.session.get_one(Certificate, certificate_id)
    audit.record(
        "certificate.print", ref(row), actor=actor, now=now, station_id=row.station_id,
        person=row.person_id, **known,
    )  # fmt: skip


def _lock(certificate_id: int) -> Certificate:
    row = locked(Certificate, certificate_id)
    if row is None:  # pragma: no cover  rows are never deleted
        raise LookupError(certificate_id)
    return row
