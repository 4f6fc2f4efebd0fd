"""Close-outs in words: what a version tells, and what two of them tell differently."""

from __future__ import annotations

from typing import NamedTuple

from portal.attendance import turnout
from portal.attendance.queries_headcounts import Counted
from portal.attendance.rules_headcounts import Heads
from portal.closeouts import rules
from portal.closeouts.models import OUTCOME_LABELS, QUALITY_LABELS, Outcome
from portal.closeouts.rules import Told
from portal.core.i18n import gettext as _
from portal.org import queries as org
from portal.org.models import TermUnit


class Fact(NamedTuple):
    """One thing that is told."""

    name: str
    text: str


class Difference(NamedTuple):
    """What somebody else told, and what the reader would tell instead."""

    name: str
    theirs: str
    yours: str


def facts(told: Told) -> list[Fact]:
    """Return all that is told, in the order of the form."""
    if told.outcome == Outcome.NOTHING:
        return [Fact(_("结果"), str(OUTCOME_LABELS[Outcome.NOTHING]))]
    found = [Fact(_("现场人数"), heads(told.heads))] if told.heads else []
    terms, units = org.terms_by_id(told.amounts), org.units_of(told.amounts)
    for term_id, number in sorted(told.amounts.items(), key=lambda one: terms[one[0]].position):
        found.append(Fact(terms[term_id].label, _amount(number, units.get(term_id))))
    if told.quality:
        found.append(Fact(_("志愿者服务"), str(QUALITY_LABELS[told.quality])))
    if told.remark:
        found.append(Fact(_("补充的话"), told.remark))
    return found


def differences(theirs: Told, yours: Told) -> list[Difference]:
    """Return what the two tell differently."""
    one, other = dict(facts(theirs)), dict(facts(yours))
    nothing = _("没有填")
    return [
        Difference(name, one.get(name, nothing), other.get(name, nothing))
        for name in {**one, **other}
        if one.get(name) != other.get(name)
    ]


def heads(told: Heads) -> str:
    """Return a headcount in words, with who counted."""
    text = turnout.heads(Counted(told.number, told.method))
    return _("%(heads)s，%(who)s数的", heads=text, who=told.counted_by) if told.counted_by else text


def _amount(number: int, unit: TermUnit | None) -> str:
    amount = f"{rules.amount(number):,}"
    return f"{amount} {unit.label}" if unit else amount
