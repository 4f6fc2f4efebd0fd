"""Who may sign up, between the form and the offering: choices put in, values read, words shown."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from portal.core.forms import choices
from portal.core.i18n import gettext as _
from portal.org import queries as org
from portal.org.models import Vocabulary
from portal.shifts import queries_conditions as queries
from portal.shifts.actions_conditions import Conditions
from portal.shifts.forms import ConditionsForm
from portal.shifts.models import Offering
from portal.shifts.queries_conditions import Words
from portal.shifts.rules import LARGEST

_VOCABULARIES = {
    "trainings": Vocabulary.TRAINING,
    "skills": Vocabulary.SKILL,
    "skills_wanted": Vocabulary.SKILL,
}


def offer(form: ConditionsForm, row: Offering | None = None) -> None:
    """Put the trainings and skills to choose from into the form; what `row` asks for stays in it."""
    words = queries.words_of(row.id) if row else None
    for name, vocabulary in _VOCABULARIES.items():
        kept = [term.code for term in getattr(words, name)] if words else []
        form[name].choices = choices((one.code, one.label) for one in org.terms(vocabulary, *kept))


def read(form: ConditionsForm) -> Conditions:
    """Return what was filled in."""
    return Conditions(
        maximum_age=form.maximum_age.data or 0,
        community_only=bool(form.community_only.data),
        trainings=_ids(Vocabulary.TRAINING, form.trainings.data or ()),
        skills=_ids(Vocabulary.SKILL, form.skills.data or ()),
        skills_wanted=_ids(Vocabulary.SKILL, form.skills_wanted.data or ()),
    )


def _ids(vocabulary: Vocabulary, codes: Collection[str]) -> frozenset[int]:
    return frozenset(row.id for row in org.terms(vocabulary, *codes) if row.code in codes)


def fill(form: ConditionsForm, row: Offering) -> None:
    """Put what an offering asks for into the form; a number that is not asked for stays empty."""
    form.minimum_age.data = row.minimum_age or None
    form.maximum_age.data = row.maximum_age or None
    form.community_only.data = row.community_only
    words = queries.words_of(row.id)
    for name in _VOCABULARIES:
        form[name].data = [term.code for term in getattr(words, name)]


def in_words(row: Offering) -> list[str]:
    """Return the conditions as short words, in the order in which people ask."""
    return list(_in_words(row, queries.words_of(row.id)))


def _in_words(row: Offering, words: Words) -> Iterator[str]:
    if row.open_crowd:
        yield _("随到随参加，不用报名")
    if row.minimum_age and row.maximum_age:
        yield _("%(low)d–%(high)d 岁", low=row.minimum_age, high=row.maximum_age)
    elif row.minimum_age:
        yield _("满 %(n)d 岁", n=row.minimum_age)
    elif row.maximum_age:
        yield _("%(n)d 岁以内", n=row.maximum_age)
    if row.is_risky and row.minimum_age < 18:
        yield _("未满 18 岁不能参加")
    if row.members_only:
        yield _("志愿者只由党员来做")
    if row.community_only:
        yield _("%(community)s居民", community=row.station.community or row.station.name)
    yield from (_("志愿者要先参加%(name)s培训", name=term.label) for term in words.trainings)
    if words.skills:
        yield _("志愿者要会%(skills)s", skills=_("、").join(term.label for term in words.skills))
    if words.skills_wanted:
        names = _("、").join(term.label for term in words.skills_wanted)
        yield _("志愿者会%(skills)s更好", skills=names)


def permit_words(expected_persons: int, last_day: date, today: date) -> str:
    """Return what the law asks of so large an activity, with the last day for applying."""
    police = _("市公安机关") if expected_persons >= LARGEST else _("区（县）公安机关")
    message = _(
        "预计 %(n)d 人，是大型群众性活动，要在活动 20 日前向%(police)s申请安全许可（《大型群众性活动安全管理条例》）。",
        n=expected_persons,
        police=police,
    )
    if today > last_day:
        return message + _("最晚该在 %(day)s 申请，已经过了。", day=last_day.isoformat())
    return message + _("最晚 %(day)s 申请。", day=last_day.isoformat())
