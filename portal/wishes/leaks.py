"""Finds what tells who somebody is in words that are to be public. A warning, never a proof."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

from portal.core.i18n import lazy_gettext as _l
from portal.people.rules import is_id_number


class LeakKind(StrEnum):
    """What was found."""

    NAME = "name"
    PHONE = "phone"
    ADDRESS = "address"
    ID_NUMBER = "id_number"


LEAK_LABELS = {
    LeakKind.NAME: _l("像姓名"),
    LeakKind.PHONE: _l("像电话号码"),
    LeakKind.ADDRESS: _l("像住址"),
    LeakKind.ID_NUMBER: _l("像身份证号"),
}


class Leak(NamedTuple):
    """One finding: what it looks like, and the words."""

    kind: LeakKind
    words: str


_DIGITS = "零〇一二三四五六七八九幺"
_TO_ARABIC = str.maketrans(_DIGITS, "001234567891")
# Digits with what people put between them: 138-0000 1234, 1.3.8…
_NUMBER = re.compile(r"\d(?:[\s\-.·_()]{0,2}\d){6,}(?:\s?[Xx])?")
_MOBILE = re.compile(r"(?:86)?1[3-9]\d{9}")
_LANDLINE = re.compile(r"(?:0\d{2,3})?[2-9]\d{6,7}")
_HOUSE = r"[\dA-Za-z一二三四五六七八九十百]+"
_ADDRESS = re.compile(
    rf"{_HOUSE}\s*(?:号楼|栋|幢|座|单元|室|号院|号房)|"
    rf"[\u4e00-\u9fff]{{1,8}}(?:路|街|巷|弄|胡同|大道|里|村|小区|花园|苑|公寓)\s*{_HOUSE}\s*号|"
    r"(?<![\d-])\d{1,2}-\d{1,2}-\d{3,4}(?![\d-])|"
    rf"{_HOUSE}\s*楼\s*{_HOUSE}\s*(?:室|号|户)"
)
_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章苏潘葛奚范彭郎"
    "鲁韦马苗凤方俞任袁柳史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常齐康伍余顾孟黄穆萧尹姚邵汪祁毛禹狄"
    "贝明臧戴谈宋庞熊纪舒屈项祝董梁杜阮蓝闵席季贾路娄江童颜郭梅盛林钟徐邱骆高夏蔡田樊胡凌霍虞万"
    "柯卢莫房解丁邓洪石崔龚程邢裴陆翁荀甄封芮靳段焦巴牧谷车侯全班仰秋仲伊宫宁仇甘厉祖武符刘景詹"
    "束龙叶司黎白怀蒲卓池乔向古易廖耿满弘匡文寇东殴沃利蔚越师巩聂晁敖冷辛那饶曾关相查游权肖涂"
)
# Who is spoken of by name: 我叫张三, 张三先生, 联系人：张三.
_CALLED = re.compile(
    r"(?:我叫|我是|名叫|叫做|姓名|联系人|本人)[是为：:\s]*"
    rf"([{_SURNAMES}][\u4e00-\u9fff]{{1,2}})"
    rf"|([{_SURNAMES}][\u4e00-\u9fff]{{1,2}})(?:先生|女士|小姐|同志|老师|大爷|大妈|阿姨|奶奶|爷爷)"
)


def leaks(text: str, known: Iterable[str] = ()) -> list[Leak]:
    """Return what in the words may tell who somebody is, each once, in the order of the kinds.

    `known` are the words nobody may find there: the wisher's own name, phone and address.
    """
    plain = unicodedata.normalize("NFKC", text)
    found = [*_known(plain, known), *_numbers(plain), *_addresses(plain), *_names(plain)]
    return list(dict.fromkeys(sorted(found, key=lambda leak: list(LeakKind).index(leak.kind))))


def _known(text: str, known: Iterable[str]) -> Iterator[Leak]:
    bare = re.sub(r"\s", "", text)
    for word in known:
        wanted = re.sub(r"\s", "", unicodedata.normalize("NFKC", word))
        if len(wanted) >= 2 and wanted in bare:
            yield Leak(_kind_of(wanted), wanted)


def _kind_of(word: str) -> LeakKind:
    if word.isdecimal():
        return LeakKind.PHONE
    return LeakKind.ADDRESS if len(word) > 4 else LeakKind.NAME


def _numbers(text: str) -> Iterator[Leak]:
    """Numbers as they are written, also in characters: 一三八零零零零一二三四."""
    for match in _NUMBER.finditer(text.translate(_TO_ARABIC)):
        digits = re.sub(r"[^\dXx]", "", match.group()).upper()
        words = text[match.start() : match.end()].strip()
        if is_id_number(digits):
            yield Leak(LeakKind.ID_NUMBER, words)
        elif _MOBILE.search(digits) or _LANDLINE.fullmatch(digits):
            yield Leak(LeakKind.PHONE, words)


def _addresses(text: str) -> Iterator[Leak]:
    for match in _ADDRESS.finditer(text):
        yield Leak(LeakKind.ADDRESS, match.group())


def _names(text: str) -> Iterator[Leak]:
    for match in _CALLED.finditer(text):
        yield Leak(LeakKind.NAME, match.group(1) or match.group(2))
