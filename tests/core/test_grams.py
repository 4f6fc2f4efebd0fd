"""Search by pairs of characters: what is found, what is asked for, what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core import grams

HAN = st.text(st.sampled_from("清洁家园义诊读书会太极拳社区广场"), min_size=1, max_size=12)


def finds(query, text):
    wanted = grams.of_query(query)
    return bool(wanted) and wanted <= grams.of_text(text)


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
    indexed = grams.of_text(text)
    assert all(1 <= len(gram) <= 2 for gram in indexed)
    assert grams.of_query(text) <= grams.of_text(text) | set()


def test_a_long_query_is_cut():
    assert len(grams.of_query("清洁家园" * 5000)) <= grams.LONGEST_QUERY
