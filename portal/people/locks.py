"""Locking a person: what no constraint can say of somebody is said while nobody else changes it."""

from __future__ import annotations

from portal.core.db import locked
from portal.core.errors import Reason, Refused
from portal.core.i18n import gettext as _
from portal.people.models import Person


def lock_person(person_id: int) -> Person:
    """Lock the person. Raises Refused(`gone`) when the record was merged or erased."""
    row = locked(Person, person_id)
    if row is None or row.merged_into_id is not None or row.erased_at is not None:
        raise Refused(gone())
    return row


def gone() -> Reason:
    """The refusal of whoever meets a record that is no longer one of its own."""
    return Reason("gone", _("这份档案已经合并或者注销了。"))
