"""How the house says no."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason of a refusal: a stable code, a sentence, and a way out when there is one."""

    code: str
    message: str
    way_text: str = ""
    way_url: str = ""


class Refused(Exception):
    """An action may not be done and leaves nothing behind. Carries *all* reasons."""

    def __init__(self, *reasons: Reason) -> None:
        super().__init__("; ".join(reason.code for reason in reasons))
        self.reasons = reasons

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the codes of all reasons, in the order found."""
        return tuple(reason.code for reason in self.reasons)

    @property
    def message(self) -> str:
        """Return all sentences as one text."""
        return "".join(reason.message for reason in self.reasons)


class Invalid(Exception):
    """A value of a form is not usable; `field` names it. Answered with 422 beside the field."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


class Busy(Exception):
    """A lock was not had in time; nothing was written and the same request may come again."""
