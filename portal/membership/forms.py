"""The shape of input about membership, communities and branches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from wtforms import BooleanField, FileField, RadioField
from wtforms.validators import Optional

from portal.core import clock
from portal.core.forms import (
    Choice,
    Choices,
    Form,
    NotFuture,
    choices,
    day_field,
    long_text_field,
    needed,
    phone_field,
    text_field,
)
from portal.core.i18n import lazy_gettext as _l
from portal.membership.queries import Node
from portal.org.models import Station, Term
from portal.org.models_party import BRANCH_LEVEL_LABELS, BranchLevel
from portal.org.models_units import CivilizedUnit

LEFT, WITHDREW = "left", "withdrew"


def branch_choices(nodes: Iterable[Node]) -> list[tuple[str, str]]:
    """Return branches to choose from, each set in by its depth."""
    return [(node.row.public_id, "　" * node.depth + node.row.name) for node in nodes]


class AskForm(Form):
    """Which branch one is in, since when, and the consent; `offer` puts in the list."""

    branch = Choice(_l("所在的党组织"), [needed(_l("请从列表中选择一项"))])
    since = day_field(_l("哪一天转入"), required=False)
    consent = BooleanField(
        _l("我同意登记党员身份"), [needed(_l("请先勾选，表示您同意登记党员身份"))]
    )

    def offer(self, nodes: Iterable[Node]) -> AskForm:
        """Put in what can be chosen."""
        self.branch.choices = choices([("", _l("请选择")), *branch_choices(nodes)])
        self.since.validators = [Optional(), NotFuture(clock.today)]
        return self


class OfferForm(Form):
    """Which community one reports to, and what one can do there."""

    station = Choice(_l("到哪个社区报到"), [needed(_l("请从列表中选择一项"))])
    skills = Choices(_l("我的特长"))
    service_kinds = Choices(_l("愿意做的服务"))
    shown = BooleanField(_l("让这个社区的工作人员看到我的姓名、手机号和特长，好联系我"))

    def offer(
        self, stations: Sequence[Station], skills: Sequence[Term], kinds: Sequence[Term]
    ) -> OfferForm:
        """Put in what can be chosen."""
        places = [(row.public_id, row.community or row.name) for row in stations]
        self.station.choices = choices([("", _l("请选择")), *places])
        self.skills.choices = choices((row.code, row.label) for row in skills)
        self.service_kinds.choices = choices((row.code, row.label) for row in kinds)
        return self


class RefuseForm(Form):
    """Why somebody is not in the branch; the person reads it."""

    words = long_text_field(_l("为什么不能登记"), longest=200)


class EndForm(Form):
    """Why somebody is taken off the list."""

    why = RadioField(
        _l("为什么移出"),
        [needed(_l("请选一项"))],
        choices=choices(
            [(LEFT, _l("转走了，或者不再由我们管理")), (WITHDREW, _l("本人撤回了同意"))]
        ),
    )


class UploadForm(Form):
    """A workbook."""

    file = FileField(
        _l("名单文件"), [needed(_l("请选一个文件。"))], render_kw={"accept": ".xlsx,.csv"}
    )


class ImportForm(Form):
    """What the secretary vouches for."""

    signed = BooleanField(
        _l("名单上的每个人都在纸质同意书上签了字，同意书由我们保存"),
        [needed(_l("请先勾选。没有签同意书的人不能导入"))],
    )


class BranchForm(Form):
    """What a branch is made of."""

    name = text_field(_l("名称"), longest=80, shortest=2)
    level = Choice(_l("级别"))
    station = Choice(_l("在哪个站点"), default="")
    unit = Choice(_l("哪个单位的"), default="")

    def offer(
        self,
        levels: Sequence[BranchLevel],
        stations: Sequence[Station],
        units: Sequence[CivilizedUnit],
    ) -> BranchForm:
        """Put in what can be chosen."""
        self.level.choices = choices((one.value, BRANCH_LEVEL_LABELS[one]) for one in levels)
        places = [(row.public_id, row.name) for row in stations]
        self.station.choices = choices([("", _l("不属于哪个站点")), *places])
        named = [(row.public_id, row.name) for row in units]
        self.unit.choices = choices([("", _l("不是单位的")), *named])
        return self


class GrantForm(Form):
    """Who is to keep a branch, by the phone of their account."""

    phone = phone_field(_l("对方登录用的手机号"))
