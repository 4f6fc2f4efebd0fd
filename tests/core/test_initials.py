"""Letters by which names are found: the table against the library it was made from."""

import pytest
from pypinyin import lazy_pinyin

from portal.core import initials


@pytest.mark.parametrize(
    ("name", "typed", "found"),
    [
        ("王小明", "wxm", True),
        ("王小明", "WX", True),
        ("王小明", "xm", True),
        ("王小明", "wm", False),
        ("王小明", "wxmm", False),
        ("单田芳", "stf", True),  # a surname is read otherwise
        ("欧阳静", "oyj", True),
        ("李乐", "ll", True),
        ("李乐", "ly", True),
        ("阿依古丽·买买提", "aygl", True),
        ("Anna", "nn", True),
        ("𠅤", "x", False),
        ("", "x", False),
    ],
)
def test_names_are_found_by_first_letters(name, typed, found):
    assert initials.hold(name, typed) is found


def test_names_are_put_in_order():
    assert sorted(["周一", "安二", "单三"], key=initials.of) == ["安二", "单三", "周一"]


def test_the_table_says_what_the_library_says():
    for code in range(0x4E00, 0x9FA6, 7):
        character = chr(code)
        spelled = lazy_pinyin(character)[0][:1]
        assert not spelled.isascii() or spelled in initials.letters(character), character
