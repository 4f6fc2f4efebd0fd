"""The shape of what the desk does with a wish. Ids differ: several forms stand on one page."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, HiddenField, RadioField, StringField
from wtforms.validators import ValidationError

from portal.core.forms import Form, choices, clean, long_text_field, needed, text_field
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.wishes.actions_desk import VERIFIED_LABELS, PublicWords
from portal.wishes.forms import STARS, TELLING
from portal.wishes.forms_filing import FilingForm
from portal.wishes.models import WAY_LABELS, Filer, Way
from portal.wishes.rules import MOST_PARTS

_STAFF_WAYS = (Way.PHONE, Way.DESK, Way.VISIT, Way.HOTLINE)
_FILERS = ((Filer.STAFF, _l("本人，由站点代为登记")), (Filer.RELATIVE, _l("家人替他来说的")))


class DeskFilingForm(FilingForm):
    """A wish of somebody who called, came, was visited, or was named on a hotline slip."""

    way = RadioField(
        _l("怎么收到的"),
        choices=choices((one.value, WAY_LABELS[one]) for one in _STAFF_WAYS),
        default=Way.PHONE.value,
    )
    filer = RadioField(_l("谁来说的"), choices=choices(_FILERS), default=Filer.STAFF)
    filer_name = text_field(_l("家人的姓名"), longest=40, required=False)
    consent = BooleanField(
        _l("已经告诉本人：站点只用这些信息核实和办理心愿，本人同意"),
        [needed(_l("请先问过本人，再勾选"))],
    )
    # Set when similar wishes were shown and this is another one.
    is_another = HiddenField()


class VerifyForm(Form):
    """How staff made sure, and what they heard."""

    how = RadioField(
        _l("怎么核实的"),
        [needed(_l("请选择怎么核实的"))],
        choices=choices((one.value, label) for one, label in VERIFIED_LABELS.items()),
    )
    verify_note = long_text_field(_l("核实情况"), longest=500, required=False)


class SendBackForm(Form):
    """What the wisher is asked to change."""

    change_note = long_text_field(_l("请他改什么、怎么改"), longest=300)


class RejectForm(Form):
    """Why not; the wisher reads it."""

    reject_reason = long_text_field(_l("为什么不能办"), longest=300)


class WordsForm(Form):
    """What everybody will read."""

    alias = text_field(_l("化名"), longest=20)
    text = long_text_field(_l("公开的内容"), longest=300, render_kw={"rows": 4})
    looked_over = BooleanField(_l("我看过上面标出来的字，可以公开"))

    def words(self) -> PublicWords:
        """Return the words as typed."""
        return PublicWords(
            str(self.alias.data), str(self.text.data), looked_over=bool(self.looked_over.data)
        )


class PublishForm(WordsForm):
    """The same, and into which parts several people may share it."""

    labels = long_text_field(
        _l("几个人一起办的，分成几份"), longest=400, required=False, render_kw={"rows": 3}
    )

    def words(self) -> PublicWords:
        """Return the words with one label a line."""
        return PublicWords(
            str(self.alias.data), str(self.text.data), tuple(self._lines()),
            looked_over=bool(self.looked_over.data),
        )  # fmt: skip

    def _lines(self) -> list[str]:
        return [line.strip() for line in (self.labels.data or "").splitlines() if line.strip()]

    def validate_labels(self, _field: Any) -> None:
        """A few short names, or none."""
        lines = self._lines()
        if len(lines) > MOST_PARTS:
            raise ValidationError(_("最多分成 %(n)d 份。", n=MOST_PARTS))
        if any(len(line) > 40 for line in lines):
            raise ValidationError(_("每一份最多 40 个字"))


class CallBackForm(Form):
    """What the wisher said when the station called, or the code they brought to the desk."""

    satisfaction = RadioField(_l("满意吗"), choices=choices(STARS))
    feedback = long_text_field(_l("许愿人说的话"), longest=300, required=False)
    code = StringField(
        _l("确认码"), filters=[clean], render_kw={"inputmode": "numeric", "maxlength": 6}
    )


class NotDoneForm(Form):
    """What is not done yet."""

    shortfall = long_text_field(_l("还差什么"), longest=300)


class CloseForm(Form):
    """Why it may be closed without the wisher's word."""

    close_reason = text_field(_l("说明"), longest=200, required=False)


class WithdrawForm(Form):
    """Why the wisher takes it back."""

    withdraw_reason = text_field(_l("为什么撤回"), longest=200)


class EndPledgeForm(Form):
    """Why the pledge is ended on the pledger's behalf."""

    reason = text_field(_l("为什么退回"), longest=200)


class StoryForm(Form):
    """The story everybody reads."""

    story = long_text_field(_l("心愿故事"), longest=300, render_kw={"rows": 4})
    story_looked_over = BooleanField(_l("我看过上面标出来的字，可以公开"))


class ConsentForm(Form):
    """What the wisher said about being told of."""

    told = RadioField(
        _l("可以讲这个心愿的故事吗"), [needed(_l("请选择"))], choices=choices(TELLING)
    )
