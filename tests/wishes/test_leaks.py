import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.people.rules import _ID_CHECKS, _ID_WEIGHTS
from portal.wishes.leaks import leaks

_BODY = "11010519491231002"
ID_NUMBER = (
    _BODY + _ID_CHECKS[sum(int(d) * w for d, w in zip(_BODY, _ID_WEIGHTS, strict=True)) % 11]
)


def kinds(text, known=()):
    return [str(leak.kind) for leak in leaks(text, known)]


@pytest.mark.parametrize(
    "text",
    [
        "请打 13800001234",
        "请打138 0000 1234谢谢",
        "电话１３８００００１２３４",
        "138-0000-1234",
        "+86 138 0000 1234",
        "一三八零零零零一二三四",
        "0755-2345 6789",
        "座机 82345678",
    ],
)
def test_phone_numbers_in_every_dress(text):
    assert kinds(text) == ["phone"]


@pytest.mark.parametrize("text", [ID_NUMBER, f"身份证{ID_NUMBER}。", " ".join(ID_NUMBER)])
def test_id_numbers(text):
    assert kinds(text) == ["id_number"]


@pytest.mark.parametrize(
    "text",
    ["住在3号楼", "三单元602室", "和平路 12 号", "幸福小区8号", "5-2-301", "B座", "2楼201室"],
)
def test_addresses(text):
    assert set(kinds(text)) == {"address"}


@pytest.mark.parametrize("text", ["我叫李秀英", "联系人：王建国", "张玉梅阿姨想要", "陈志强先生"])
def test_names(text):
    assert kinds(text) == ["name"]


@pytest.mark.parametrize(
    "text",
    [
        "一位 78 岁的独居老人，想要一根防滑拐杖。",
        "希望有人每周陪聊两次，每次 1 小时。",
        "想要一套 2026 年版的三年级语文课外书，大约 100 元。",
        "11月28日前修好漏水的水龙头",
        "热线 12345",
        "A walking stick, please.",
        "",
    ],
)
def test_plain_wishes_are_not_warned_of(text):
    assert kinds(text) == []


def test_what_the_wisher_said_about_themselves_is_known():
    known = ["欧阳明月", "13800001234", "榕树里东头小红房子"]
    text = "欧阳明月 想要一把伞，榕树里东头小红房子"
    assert kinds(text, known) == ["name", "address"]
    assert kinds("想要一把伞", known) == []
    assert kinds("一个人", ["人", ""]) == []


def test_each_finding_comes_once_in_a_fixed_order():
    text = "住3号楼，打13800001234，再打13800001234，我叫李秀英"
    assert kinds(text) == ["name", "phone", "address"]
    assert leaks(text)[1].words == "13800001234"


@given(st.text(max_size=300))
def test_any_words_can_be_looked_at(text):
    for leak in leaks(text, [text[:5]]):
        assert leak.words


@given(
    st.text(alphabet="想要个的书包和伞，。 ", max_size=40),
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.text(alphabet="想要谢，。 ", max_size=40),
)
def test_a_mobile_number_is_always_found(before, phone, after):
    assert "phone" in kinds(before + phone + after)
