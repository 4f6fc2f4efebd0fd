"""Search by pairs of characters: what is found, what is asked for, what is not."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core import grams

HAN = st.text(st.sampled_from("清洁家园义诊读书会太极拳社区广场"), min_size=1, max_size=12)


def finds(query, text):
    wanted = grams.of_query(grams.runs(query))
    return bool(wanted) and wanted <= grams.of_text(grams.runs(text))


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("清洁", "周六清洁家园", True),
        ("洁清", "周六清洁家园", False),
        ("清", "周六清洁家园", True),
        ("诊", "周六清洁家园", False),
        ("家园清洁", "清洁家园。家园", False),
        ("清洁 广场", "在广场清洁", True),
        ("ＴＡＩ极", "tai极拳", True),
        ("Reading", "reading ROOM", True),
        ("2026", "2026年", True),
        ("", "清洁", False),
        ("。！%_", "清洁", False),
        ("   ", "清洁", False),
    ],
)
def test_what_is_found(query, text, expected):
    assert finds(query, text) is expected


@given(text=HAN, data=st.data())
def test_every_part_of_a_text_finds_it(text, data):
    first = data.draw(st.integers(0, len(text) - 1))
    last = data.draw(st.integers(first + 1, len(text)))
    assert finds(text[first:last], text)


@given(text=st.text(max_size=300))
def test_any_text_can_be_indexed_and_asked(text):
    runs = grams.runs(text)
    indexed = grams.of_text(runs)
    assert all(1 <= len(gram) <= 2 for gram in indexed)
    assert grams.of_query(runs) <= indexed


@given(first=st.text(min_size=1, max_size=2), second=st.text(min_size=1, max_size=2))
def test_a_token_is_one_plain_word_and_means_one_gram(first, second):
    token = grams.tokens([first])
    assert re.fullmatch("[a-z]+", token)
    assert (token == grams.tokens([second])) is (first == second)
