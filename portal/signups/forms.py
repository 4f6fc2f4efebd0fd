"""The shape of input about sign-ups."""

from __future__ import annotations

from wtforms import RadioField, StringField

from portal.core.forms import Form, choices, text_field
from portal.core.i18n import lazy_gettext as _l
from portal.shifts.models import PLACE_ROLE_LABELS
from portal.signups.models import PARTICIPANT_LABELS, ParticipantKind
from portal.signups.party import MODE_LABELS, Mode


class SignUpForm(Form):
    """One form a shift: the role, as what, and for whom (public ids; empty: oneself).

    `party` stands in the form where one chooses for whom: then nobody chosen is a mistake.
    """

    role = RadioField(_l("怎么参加"), choices=choices(PLACE_ROLE_LABELS.items()))
    participant = RadioField(
        choices=choices(PARTICIPANT_LABELS.items()), default="", validate_choice=False
    )
    mode = RadioField(choices=choices(MODE_LABELS.items()), default=Mode.ALL.value)
    person = StringField()
    party = StringField()

    def kind(self) -> ParticipantKind | None:
        """Return as what somebody wants to take part, if they said it."""
        said = self.participant.data
        return ParticipantKind(said) if said in set(ParticipantKind) else None


class WithdrawalForm(Form):
    """Why somebody cannot come."""

    reason = text_field(_l("原因"), longest=200, required=False)
