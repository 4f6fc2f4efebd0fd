"""The shape of input about teams."""

from __future__ import annotations

from wtforms import RadioField

from portal.core.forms import Choice, Choices, Form, long_text_field, needed, text_field
from portal.core.i18n import lazy_gettext as _l


class TeamForm(Form):
    """What a team says of itself."""

    name = text_field(_l("队名"), longest=60, shortest=2)
    kind = Choice(_l("类别"))
    brand = text_field(_l("品牌"), longest=40, required=False)
    slogan = text_field(_l("口号"), longest=80, required=False)
    summary = long_text_field(_l("做什么"), longest=2000, required=False)


class NewTeamForm(TeamForm):
    """A new team, with its station."""

    station = Choice(_l("所属站点"))


class ReasonForm(Form):
    """Why."""

    reason = text_field(_l("原因"), longest=200)


class RoleForm(Form):
    """What a member is in the team."""

    role = RadioField(_l("在队里的职务"), [needed(_l("请选一项"))])


class MembersForm(Form):
    """Who of the team comes, by public ids."""

    members = Choices(_l("哪些队员去"), [needed(_l("请勾选要报名的队员。"))])
