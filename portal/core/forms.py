"""The shape of input: one form base, worded messages, and the fields every feature uses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Any

from babel.support import NullTranslations, Translations
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    Field,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.form import BaseForm
from wtforms.i18n import messages_path
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from portal.core.i18n import LANGUAGES, lang
from portal.core.i18n import lazy_gettext as _l

PHONE = re.compile(r"1[3-9]\d{9}")
# Line breaks are text; other control characters and lone surrogates are not.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class Form(FlaskForm):  # type: ignore[misc]
    """Base of all forms. CSRF is checked once for the whole site, before the view."""

    class Meta:
        """Forms leave the token to the site-wide check."""

        csrf = False

        def get_translations(self, _form: BaseForm) -> NullTranslations:
            """Return WTForms' own words; Flask-WTF would read their file for every request."""
            return _words(lang())

    def add_error(self, field: str, message: str) -> None:
        """Put a message beside a field (from an action's Invalid)."""
        target: Field = self[field]
        target.errors = [*target.errors, message]


@cache
def _words(chosen: str) -> NullTranslations:
    return Translations.load(messages_path(), [LANGUAGES[chosen]], domain="wtforms")


def clean(value: str | None) -> str | None:
    """Return text as people mean it: NFC, no control characters, no outer blanks."""
    if value is None:
        return None
    return unicodedata.normalize("NFC", _UNPRINTABLE.sub("", value)).replace("\r\n", "\n").strip()


def normal_phone(value: str | None) -> str:
    """Return a mainland mobile number as eleven digits, whatever blanks or +86 it came with."""
    digits = re.sub(r"[\s\-()]", "", unicodedata.normalize("NFKC", value or ""))
    return re.sub(r"^(\+?86)(?=1\d{10}$)", "", digits)


class PhoneNumber:
    """Validator: a mainland mobile number."""

    def __call__(self, form: FlaskForm, field: Field) -> None:  # noqa: ARG002
        """Raise ValidationError when it is not one."""
        if field.data and not PHONE.fullmatch(field.data):
            raise ValidationError(_l("手机号是 11 位数字，例如 13800001234"))


class NotFuture:
    """Validator: a day that has been."""

    def __init__(self, today: Any) -> None:
        self.today = today

    def __call__(self, form: FlaskForm, field: Field) -> None:  # noqa: ARG002
        """Raise ValidationError when the day is to come or before 1900."""
        if field.data and not date(1900, 1, 1) <= field.data <= self.today():
            raise ValidationError(_l("请检查这个日期"))


def needed(message: Any = None) -> InputRequired:
    """Return the validator of a field that must be filled in."""
    return InputRequired(message or _l("请填写这一项"))


def text_field(
    label: Any, *, longest: int, shortest: int = 0, required: bool = True, **kwargs: Any
) -> StringField:
    """Return a one-line text field."""
    return StringField(label, _text_validators(longest, shortest, required), [clean], **kwargs)


def long_text_field(
    label: Any, *, longest: int, required: bool = True, **kwargs: Any
) -> TextAreaField:
    """Return a field of several lines."""
    return TextAreaField(label, _text_validators(longest, 0, required), [clean], **kwargs)


def _text_validators(longest: int, shortest: int, required: bool) -> list[Any]:  # noqa: FBT001
    message = _l("最多 %(max)d 个字")
    # What is left after `clean` counts: blanks alone are nothing filled in.
    validators: list[Any] = [DataRequired(_l("请填写这一项")) if required else Optional()]
    validators.append(Length(min=-1, max=longest, message=message))
    if shortest:
        validators.append(Length(min=shortest, message=_l("至少 %(min)d 个字")))
    return validators


def phone_field(label: Any = None, *, required: bool = True) -> StringField:
    """Return a field for a mobile number."""
    return StringField(
        label or _l("手机号"),
        [needed(_l("请填写手机号")) if required else Optional(), PhoneNumber()],
        [normal_phone],
        render_kw={"type": "tel", "inputmode": "tel", "autocomplete": "tel"},
    )


def day_field(label: Any, *, required: bool = True, **kwargs: Any) -> DateField:
    """Return a field for a day."""
    return DateField(label, [needed(_l("请选择日期")) if required else Optional()], **kwargs)


def time_field(label: Any, *, required: bool = True) -> TimeField:
    """Return a field for a wall-clock time, in steps of five minutes."""
    needs = needed(_l("请选择时间")) if required else Optional()
    return TimeField(label, [needs], render_kw={"step": "300"})


def choices(pairs: Iterable[tuple[str, Any]]) -> list[SelectChoice]:
    """Return WTForms choices from (value, label) pairs."""
    return [SelectChoice(value, label) for value, label in pairs]


class Choice(SelectField):  # type: ignore[misc]
    """One of a list; the list is passed in by the view. An unknown value gets a sentence."""

    def pre_validate(self, form: FlaskForm) -> None:  # noqa: ARG002
        """Raise ValidationError when the value is not in the list."""
        known = {choice.value for choice in self.choices or []}
        if self.data not in known:
            raise ValidationError(_l("请从列表中选择一项"))


class Choices(SelectMultipleField):  # type: ignore[misc]
    """Any of a list, as check boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()
