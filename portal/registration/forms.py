"""The shape of input about volunteers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from wtforms import BooleanField, DateField, Field, HiddenField, RadioField, StringField
from wtforms.validators import Length, Optional, ValidationError

from portal.core import clock
from portal.core.forms import (
    Choice,
    Choices,
    Form,
    NotFuture,
    choices,
    clean,
    needed,
    phone_field,
    text_field,
)
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.people.guardians import Contact
from portal.people.models import SEX_LABELS, Sex
from portal.people.models_consents import CHANNEL_LABELS, STAFF_WAYS, Channel
from portal.people.rules import is_id_number, is_name
from portal.registration import rules
from portal.registration.application import Application
from portal.registration.queries import Options
from portal.registration.words import slot_words

_NOT_A_NAME = _l("请填写真实姓名，不要有数字和符号")


def normal_id_number(value: str | None) -> str:
    """Return an ID number as it is printed, whatever blanks it was typed with."""
    return re.sub(r"\s", "", clean(value) or "").upper()


def name_field(label: Any, **kwargs: Any) -> StringField:
    """Return a field for somebody else's name, which may be left out."""
    return StringField(
        label, [Optional(), Length(max=40, message=_l("最多 %(max)d 个字"))], [clean], **kwargs
    )


class IdentityForm(Form):
    """Who somebody is, and who agreed for them; `ask_id_number` says what the district asks for."""

    name = text_field(_l("真实姓名"), longest=40, render_kw={"autocomplete": "name"})
    birth_date = DateField(
        _l("出生日期"),
        [needed(_l("请选择日期")), NotFuture(clock.today)],
        render_kw={"autocomplete": "bday"},
    )
    id_number = StringField(
        _l("身份证号"), [Optional()], [normal_id_number], render_kw={"autocomplete": "off"}
    )
    id_number_consent = BooleanField(_l("单独同意：收集身份证号，只用来核对身份，加密保存"))
    guardian_name = name_field(_l("监护人姓名"))
    guardian_phone = phone_field(_l("监护人手机号"), required=False)
    guardian_consent = BooleanField(_l("监护人知道并同意我做志愿者"))

    # What the person gave before and need not give again.
    has_id_number = False
    has_guardian = False
    id_number_wanted = "off"

    # Somebody to call is a name and a phone.
    CONTACTS: tuple[tuple[str, str], ...] = (("guardian_name", "guardian_phone"),)

    def ask_id_number(self, wanted: str) -> None:
        """Ask for the ID number as the district has it: not at all, if one likes, or always."""
        self.id_number_wanted = wanted
        if wanted == "off":
            del self.id_number
            del self.id_number_consent
        elif wanted == "required":
            self.id_number.flags.required = True

    def validate_name(self, field: StringField) -> None:
        """A name has letters of some script."""
        if field.data and not is_name(field.data):
            raise ValidationError(_NOT_A_NAME)

    validate_guardian_name = validate_name

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each field, then those that belong together."""
        fits = super().validate(extra_validators)
        problems = [*self._id_number_problems(), *self._contact_problems()]
        for name, message in problems:
            if not self[name].errors:
                self.add_error(name, message)
        return bool(fits) and not problems

    def _id_number_problems(self) -> Iterator[tuple[str, str]]:
        if self.id_number_wanted == "off":
            return
        number = self.id_number.data
        if not number:
            if self.id_number_wanted == "required" and not self.has_id_number:
                yield "id_number", _("请填写身份证号")
            return
        if not is_id_number(number):
            yield "id_number", _("身份证号不对，请对照证件检查这 18 位")
        elif self.birth_date.data and rules.id_number_birth(number) != self.birth_date.data:
            yield "id_number", _("身份证号里的生日和上面填的出生日期不一样")
        if not self.id_number_consent.data:
            yield "id_number_consent", _("填了身份证号，要单独同意收集；不同意就不要填")

    def _contact_problems(self) -> Iterator[tuple[str, str]]:
        for first, second in self.CONTACTS:
            yield from half_filled(self, first, second)
        born: date | None = self.birth_date.data
        if born is None or not rules.needs_guardian(born, clock.today()) or self.has_guardian:
            return
        if not self.guardian_name.data:
            yield "guardian_name", _("未满 18 岁，请填写监护人的姓名和手机号")
        elif not self.guardian_consent.data:
            yield "guardian_consent", _("未满 18 岁，要监护人同意才能申请")


class ApplicationForm(IdentityForm):
    """Becoming a volunteer. `offer` puts in what can be chosen and what the district asks for."""

    station = Choice(_l("常住社区"), [needed(_l("请选择常住社区"))], default="")
    sex = Choice(_l("性别"), default="")
    skills = Choices(_l("会什么"))
    service_kinds = Choices(_l("想做哪些服务"))
    free_times = Choices(_l("什么时候有空"), coerce=str)
    emergency_name = name_field(_l("紧急联系人姓名"))
    emergency_phone = phone_field(_l("紧急联系人手机号"), required=False)
    unit = Choice(_l("所在的文明单位"), default="")
    teams = Choices(_l("想加入的服务队"))
    publication = BooleanField(_l("同意在表扬、报道中公开我的姓名或照片"))
    consent = BooleanField(_l("我看过并同意隐私告知"), [needed(_l("要先同意隐私告知，才能申请"))])
    next = HiddenField()

    CONTACTS = (
        ("emergency_name", "emergency_phone"),
        ("guardian_name", "guardian_phone"),
    )
    OPTIONAL = (
        "sex", "skills", "service_kinds", "free_times", "emergency_name", "emergency_phone",
        "unit", "teams", "publication",
    )  # fmt: skip

    def offer(self, options: Options, id_number_wanted: str) -> None:
        """Put in the lists, and ask for the ID number as the district has it."""
        offer_details(self, options)
        self.sex.choices = _with_none(_l("不填"), ((one.value, SEX_LABELS[one]) for one in Sex))
        self.unit.choices = _with_none(_l("没有"), _named(options.units))
        self.teams.choices = choices(_named(options.teams))
        self.ask_id_number(id_number_wanted)

    validate_emergency_name = IdentityForm.validate_name

    def has_optional_errors(self) -> bool:
        """Return whether a folded field needs mending, so that it is shown."""
        return any(self[name].errors for name in self.OPTIONAL)

    def application(self, options: Options, channel: Channel = Channel.WEB) -> Application:
        """Return what was filled in."""
        unit = options.units.get(self.unit.data or "")
        return Application(
            name=str(self.name.data),
            birth_on=self.birth_date.data,
            station_id=options.stations[self.station.data].id,
            channel=channel,
            sex=Sex(self.sex.data) if self.sex.data else None,
            term_ids=chosen_terms(self, options),
            free_times=rules.free_times_mask(int(slot) for slot in self.free_times.data or ()),
            emergency=contact(self.emergency_name, self.emergency_phone),
            unit_id=unit.id if unit else None,
            team_ids=frozenset(options.teams[code].id for code in self.teams.data or ()),
            id_number=self.id_number.data if self.id_number_wanted != "off" else "",
            publication=bool(self.publication.data),
            guardian=contact(self.guardian_name, self.guardian_phone),
        )


class DeskApplicationForm(ApplicationForm):
    """The same form for somebody who stands at the desk, called, or wrote on paper."""

    phone = phone_field(_l("本人手机号"), required=False)
    channel = RadioField(
        _l("怎么收到的"),
        choices=choices((way.value, CHANNEL_LABELS[way]) for way in STAFF_WAYS),
        default=Channel.PAPER.value,
    )
    id_number_consent = BooleanField(_l("本人单独同意：收集身份证号，只用来核对身份，加密保存"))
    guardian_consent = BooleanField(_l("监护人本人同意（当面、电话或在纸质表上签名）"))
    publication = BooleanField(_l("本人同意在表扬、报道中公开姓名或照片"))
    consent = BooleanField(
        _l("本人听过或看过隐私告知，并且同意"), [needed(_l("要本人先同意隐私告知"))]
    )


def offer_details(form: Form, options: Options) -> None:
    """Put in the lists of what a volunteer says about their volunteering."""
    form["station"].choices = _with_none(
        _l("请选择"),
        ((code, row.community or row.name) for code, row in options.stations.items()),
    )
    for name, terms in (("skills", options.skills), ("service_kinds", options.service_kinds)):
        form[name].choices = choices((code, row.label) for code, row in terms.items())
    form["free_times"].choices = choices(
        (str(slot), slot_words(slot)) for slot in range(rules.SLOTS)
    )


def chosen_terms(form: Form, options: Options) -> frozenset[int]:
    """Return the ids of the chosen skills and kinds of service."""
    terms = [options.skills[code] for code in form["skills"].data or ()]
    terms += [options.service_kinds[code] for code in form["service_kinds"].data or ()]
    return frozenset(term.id for term in terms)


def half_filled(form: Form, name: str, phone: str) -> Iterator[tuple[str, str]]:
    """Say which half of somebody to call is missing."""
    if bool(form[name].data) != bool(form[phone].data):
        yield (phone if form[name].data else name), _("姓名和手机号要一起填")


def _with_none(words: Any, pairs: Iterable[tuple[str, Any]]) -> list[Any]:
    return choices([("", words), *pairs])


def _named(rows: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    return ((code, row.name) for code, row in rows.items())


def contact(name: Field, phone: Field) -> Contact | None:
    """Return somebody to call, if one was named."""
    return Contact(str(name.data), str(phone.data)) if name.data and phone.data else None
