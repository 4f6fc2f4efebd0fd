"""Verbs on one-time codes for a new password."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update

from portal.core import ids, tokens
from portal.core.access import Actor
from portal.core.db import db
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.core.ref import Ref
from portal.people import actions, queries
from portal.people.models_sign_ins import ResetCode
from portal.records import audit, limits

RESET_CODE_LENGTH = 8
RESET_CODE_LIFE = timedelta(minutes=30)


def hand_reset_code(person_id: int, identified: str, *, actor: Actor, now: datetime) -> str:
    """Make a one-time code for a new password and return it; older codes end.

    Never for staff accounts from the desk: raises Refused(`staff_account`). An administrator and
    the command line may.
    """
    may = actor.is_system or actor.is_admin
    if queries.is_staff(person_id) and not may:
        message = _("工作人员的密码只能由管理员重设。")
        raise Refused(Reason("staff_account", message))
    if queries.account_of(person_id) is None:
        raise Refused(Reason("no_account", _("这个人还没有账号，可以直接注册。")))
    old = update(ResetCode).where(ResetCode.person_id == person_id, ResetCode.used_at.is_(None))
    db.session.execute(old.values(used_at=now))
    code = ids.code(RESET_CODE_LENGTH)
    db.session.add(
        ResetCode(
            person_id=person_id,
            code_hash=tokens.keyed_hash("reset-code", f"{person_id}/{code}"),
            created_at=now,
            expires_at=now + RESET_CODE_LIFE,
            made_by_id=actor.person_id,
            identified=identified,
        )
    )
    audit.record("account.hand_reset_code", Ref("person", person_id), actor=actor, now=now)
    return code


def reset_password(
    phone: str, code: str, password_hash: str, *, actor: Actor, now: datetime
) -> bool:
    """Use a one-time code; False (and a counted attempt) when it does not fit.

    The same answer for an unknown phone, a wrong, an old and a used code.
    """
    limits.count(limits.RESET_ACCOUNT, phone, now=now)
    account = queries.account_by_phone(phone)
    if account is None:
        return False
    row = _live_code(account.person_id, code, now)
    if row is None:
        return False
    row.used_at = now
    account.password_hash = password_hash
    limits.forget(limits.RESET_ACCOUNT, phone)
    limits.forget(limits.SIGN_IN_ACCOUNT, f"{phone}/")
    audit.record("account.reset_password", Ref("person", account.person_id), actor=actor, now=now)
    actions.end_other_sign_ins(account.person_id, 0, actor=actor, now=now)
    return True


def _live_code(person_id: int, code: str, now: datetime) -> ResetCode | None:
    hashed = tokens.keyed_hash("reset-code", f"{person_id}/{code}")
    rows = db.session.query(ResetCode).filter_by(person_id=person_id, used_at=None).all()
    fitting = [row for row in rows if tokens.same(row.code_hash, hashed) and row.expires_at > now]
    return fitting[0] if fitting else None
