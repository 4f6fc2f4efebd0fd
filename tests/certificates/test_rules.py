"""The words of the paper, and what is typed from it."""

from datetime import date

import pytest

from portal.certificates import rules

RULE = {"grace": 15, "rounding": "down", "step": 30, "day_cap": 600}


def test_one_rule_is_said_once_and_a_change_with_its_day():
    first, later = date(2026, 3, 5), date(2026, 7, 1)
    words = "按 30 分钟取整，不足的舍去，开始前、结束后最多各计 15 分钟，一天最多计 10 小时"
    assert rules.rule_words([(first, RULE), (later, {**RULE, "cut_by": ["overlap"]})]) == words
    both = rules.rule_words([(later, {**RULE, "rounding": "up"}), (first, RULE), (later, RULE)])
    changed = words.replace("舍去", "补足")
    assert both == f"2026年3月5日的记录起，{words}；2026年7月1日的记录起，{changed}"
    assert rules.rule_words([]) == ""
    assert rules.rule_words([(first, {})]) == "按在现场的时间，路上不算"


@pytest.mark.parametrize(
    ("minutes", "words"), [(0, "0 分钟"), (59, "59 分钟"), (60, "1 小时"), (125, "2 小时 5 分钟")]
)
def test_lengths(minutes, words):
    assert rules.length(minutes) == words


@pytest.mark.parametrize("typed", ["abcd efgh", "ABCD-EFGH", " ａｂｃｄｅｆｇｈ\t"])
def test_what_is_typed_is_read_as_it_was_meant(typed):
    assert rules.normal(typed) == "abcdefgh"
    assert rules.in_fours(rules.normal(typed)) == "abcd efgh"
