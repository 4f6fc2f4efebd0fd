"""The shape of what both sides write, and of what the office does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from wtforms import Field, HiddenField, IntegerField
from wtforms.validators import InputRequired, ValidationError
from wtforms.widgets import HiddenInput

from portal.activities.models import Activity
from portal.core import clock
from portal.core.forms import Choice, Form, choices, day_field, long_text_field, needed, text_field
from portal.core.i18n import gettext as _
from portal.core.i18n import lazy_gettext as _l
from portal.pairing.models import PairingItem
from portal.people.models import Person
from portal.wishes.leaks import LeakKind, leaks

LONGEST_TITLE, LONGEST_WORDS = 60, 500


class ItemForm(Form):
    """A need or a resource."""

    title = text_field(_l("一句话说清楚"), longest=LONGEST_TITLE, shortest=2)
    details = long_text_field(_l("补充说明"), longest=LONGEST_WORDS, required=False)
    key = HiddenField()


class PlanForm(Form):
    """What is to be done, who sees to it, by when; `version` is what was read."""

    title = text_field(_l("项目名称"), longest=LONGEST_TITLE, shortest=2)
    in_charge = Choice(_l("谁负责"), [needed(_l("请选择谁负责"))], default="")
    planned_on = day_field(_l("计划哪天完成"))
    version = IntegerField(widget=HiddenInput(), default=0)

    def offer_people(self, people: Iterable[Person]) -> None:
        """Put in who may be in charge."""
        named = ((one.public_id, one.name) for one in people)
        self.in_charge.choices = choices([("", _l("请选择")), *named])

    def validate_title(self, field: Field) -> None:
        """It stands on the station's page when it is done, so it names no person and no phone."""
        found = [one.words for one in leaks(field.data or "") if one.kind != LeakKind.ADDRESS]
        if found:
            words = "、".join(found)
            raise ValidationError(_("项目名称会公开，请去掉“%(words)s”", words=words))

    def validate_planned_on(self, field: Field) -> None:
        """A plan is about what is to come."""
        if field.data and field.data < clock.today():
            raise ValidationError(_("请选今天或者以后的日期"))


class ProjectForm(PlanForm):
    """The same for a new one, and what it takes up of both lists."""

    need = Choice(_l("办哪项需求"), default="")
    resource = Choice(_l("用哪项资源"), default="")
    key = HiddenField()

    def offer_items(self, needs: Sequence[PairingItem], resources: Sequence[PairingItem]) -> None:
        """Put in what is open in both lists."""
        for field, rows in ((self.need, needs), (self.resource, resources)):
            named = ((row.public_id, row.title) for row in rows)
            field.choices = choices([("", _l("不从清单里选")), *named])


class FinishForm(Form):
    """What came of it."""

    result = long_text_field(_l("办成了什么"), longest=LONGEST_WORDS, id="finish-result")


class GiveUpForm(Form):
    """Why nothing will come of it."""

    reason = long_text_field(_l("为什么不办了"), longest=LONGEST_WORDS, id="give-up-reason")


class JoinForm(Form):
    """Which activity of the station is a joint one."""

    activity = Choice(_l("哪场活动"), [InputRequired(_l("请选择一场活动"))], default="")

    def offer(self, rows: Sequence[Activity]) -> None:
        """Put in the station's activities."""
        named = ((row.public_id, row.title) for row in rows)
        self.activity.choices = choices([("", _l("请选择")), *named])


class EndForm(Form):
    """Why the two are paired no longer."""

    reason = long_text_field(_l("为什么结束"), longest=LONGEST_WORDS)
