"""The shape of input about projects."""

from __future__ import annotations

from portal.core.forms import Choice, Choices, Form, long_text_field, text_field
from portal.core.i18n import lazy_gettext as _l


class ProjectForm(Form):
    """What a project is, and who takes part."""

    name = text_field(_l("名称"), longest=40, shortest=2)
    slogan = text_field(_l("口号"), longest=80, required=False)
    summary = long_text_field(_l("做什么"), longest=2000, required=False)
    teams = Choices(_l("哪些队伍承担"))
    stations = Choices(_l("还有哪些站点参加"))


class NewProjectForm(ProjectForm):
    """A new project, with its station."""

    station = Choice(_l("所属站点（含下级）"))
