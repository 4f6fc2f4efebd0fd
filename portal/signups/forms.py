"""The shape of input about sign-ups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import RadioField, StringField

from portal.core.forms import Form, choices, clean, long_text_field, needed, text_field
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.shifts.models import PLACE_ROLE_LABELS
from portal.signups.models import PARTICIPANT_LABELS, ParticipantKind
from portal.signups.party import MODE_LABELS, Mode
from portal.signups.rules import HAND_LABELS


class RoleField(RadioField):  # type: ignore[misc]
    """A role, or with a stall's name behind a colon a stall of it: one question, one answer."""

    stall = ""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Take the two apart."""
        role, _colon, self.stall = (valuelist[0] if valuelist else "").partition(":")
        super().process_formdata([role])


class SignUpForm(Form):
    """One form a shift: the role, as what, and for whom (public ids; empty: oneself).

    `place` names a stall, which `role` may do as well.

    `party` stands in the form where one chooses for whom: then nobody chosen is a mistake.
    """

    role = RoleField(_l("怎么参加"), choices=choices(PLACE_ROLE_LABELS.items()))
    place = StringField(filters=[clean])
    participant = RadioField(
        choices=choices(PARTICIPANT_LABELS.items()), default="", validate_choice=False
    )
    mode = RadioField(choices=choices(MODE_LABELS.items()), default=Mode.ALL.value)
    person = StringField()
    party = StringField()

    def stall(self) -> str | None:
        """Return the stall that is asked for; None: the first free place of the role."""
        return self.place.data or clean(self.role.stall) or None

    def kind(self) -> ParticipantKind | None:
        """Return as what somebody wants to take part, if they said it."""
        said = self.participant.data
        return ParticipantKind(said) if said in set(ParticipantKind) else None


class StallForm(Form):
    """Another stall, by its name."""

    place = text_field(_l("摊位"), longest=40)


class WithdrawalForm(Form):
    """Why somebody cannot come."""

    reason = text_field(_l("原因"), longest=200, required=False)


class HandForm(Form):
    """What a hand does in the queue, and why: the log and the person see it."""

    where = RadioField(
        _l("怎么调整"), [needed(_l("请选一项"))], choices=choices(HAND_LABELS.items())
    )
    reason = text_field(_l("原因"), longest=200)


class AppealForm(Form):
    """Why it should not be counted."""

    words = long_text_field(_l("说明情况"), longest=500)


class AnswerForm(Form):
    """The answer to an appeal; a refusal says why."""

    answer = RadioField(
        _l("怎么答复"),
        [needed(_l("请选一项"))],
        choices=choices((("grant", _l("通过，这一次不再计")), ("refuse", _l("不通过")))),
    )
    words = text_field(_l("说明"), longest=200, required=False)

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each field, and that a refusal has its reason."""
        fits = bool(super().validate(extra_validators))
        if self.answer.data == "refuse" and not self.words.data:
            self.add_error("words", _("不通过要写明原因"))
            return False
        return fits
