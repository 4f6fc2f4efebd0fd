"""The search index: exactly what LIKE finds, by parts of words, by pinyin and by initials."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import func, select, text, update

from portal.activities import hooks as activities
from portal.core import clock, grams
from portal.core.db import db, is_sqlite, write
from portal.core.ref import Ref
from portal.records import hooks, search
from portal.records.search import SearchEntry
from portal.records.spelling import spelled
from tests.conftest import PROFILE
from tests.support.queries import count_queries

pytestmark = pytest.mark.usefixtures("app")
TEXTS = 20_000 if PROFILE == "full" else 600
WORDS = (
    "书法", "广场", "社区", "清洁", "家园", "义诊", "读书", "太极", "拳", "舞", "重庆路", "银行",
    "行长", "tai", "Reading", "2026", "5G", "䶮", "𬭎", "，", "。", " ", "😀", "ＡＢ",
)  # fmt: skip


def put(number: int, text: str) -> None:
    write(search.put, Ref("text", number), text)


def found(query: str, kind: str = "text") -> list[int]:
    matching = search.matches(kind, query)
    return [] if matching is None else sorted(db.session.scalars(matching))


def spell_all() -> None:
    while search.unspelled(1):
        hooks.due(clock.now())


@pytest.mark.parametrize(
    "query", ["shufa", "sf", "ShuFa", "shuf", "书法", "书", "书法 shufa", "sfb"]
)
def test_a_word_is_found_however_it_is_typed(query):
    put(1, "周末书法班")
    put(2, "周末舞蹈班")
    spell_all()
    assert found(query) == [1]


@pytest.mark.parametrize("query", ["fashu", "hs", "法书", "shufas", "sf1", "zz"])
def test_what_is_not_there_is_not_found(query):
    put(1, "周末书法班")
    spell_all()
    assert found(query) == []


def test_pairs_that_stand_apart_are_no_word():
    put(1, "清洁。洁家。家园")
    assert grams.of_query(["清洁家园"]) <= grams.of_text(["清洁", "洁家", "家园"])
    assert found("清洁家园") == []
    assert found("清洁 家园") == [1]


@pytest.mark.parametrize(
    ("text", "pinyin", "initials"),
    [
        ("重庆路 银行行长", "chongqinglu yinhanghangzhang", "cql yhhz"),
        ("绿道", "lvdao", "ld"),
        ("tai极拳", "taijiquan", "tjq"),
        ("", "", ""),
    ],
)
def test_spelling(text, pinyin, initials):
    assert spelled(text) == (pinyin, initials)


def test_chinese_is_found_at_once_and_its_spelling_after_a_round():
    put(1, "书法班")
    assert found("书法") == [1]
    assert found("shufa") == []
    hooks.due(clock.now())
    assert found("shufa") == [1]


def test_a_text_that_changed_meanwhile_is_not_spelled_as_the_old_one():
    put(1, "书法班")
    (waiting,) = search.unspelled(10)
    put(1, "舞蹈班")
    write(search.spell, waiting, spelled(waiting.words))
    assert [one.words for one in search.unspelled(10)] == ["舞蹈班"]
    spell_all()
    assert found("shufa") == []
    assert found("wudao") == [1]


def test_what_is_dropped_leaves_nothing_behind():
    put(1, "书法班")
    spell_all()
    write(search.drop, Ref("text", 1))
    assert db.session.scalar(select(func.count()).select_from(SearchEntry)) == 0
    assert list(hooks.check()) == []
    put(2, "舞蹈班")
    assert found("书法") == []
    assert found("舞蹈") == [2]


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("䶮城社区", "䶮城"),
        ("欧阳𬭎的班", "𬭎"),
        ("𠮷野家𠮷", "𠮷野"),
        ("ＴＡＩ　极拳", "tai 极"),
        ("ｶﾞｲﾄﾞ", "ガイ"),
        ("Straße", "STRASSE"),
        ("ﬁt ㎡", "fit m2"),
        ("第１２3号", "123"),
        ("and or not near", "NOT near"),
        ("4e66x6cd5 1e5 2.5", "4e66 1e5 5"),
        ("a_b%c'd\"e", "a b c d e"),
        ("😀书😀法", "😀书"),
        ("naïve İstanbul", "naïve İstanbul"),
    ],
)
def test_rare_characters_are_found_as_any_other(text, query):
    put(1, text)
    put(2, "周末舞蹈，面包 ab cd")
    assert found(query) == [1]
    assert found(text) == [1]


@pytest.mark.parametrize("query", ["%", "_", "'", '"', "😀", "(", "*", "\\", "\0", ""])
def test_marks_alone_ask_for_nothing(query):
    assert search.matches("text", query) is None


def test_a_query_of_many_letters_in_one_character_is_answered():
    put(1, "\ufdfa" * 60)
    assert found("\ufdfa" * 60) == [1]


def test_things_of_one_number_are_kept_apart():
    put(1, "书法班")
    write(search.put, Ref("other", 1), "舞蹈班")
    assert found("舞蹈") == []
    assert found("舞蹈", "other") == [1]


def test_a_check_finds_an_index_that_does_not_fit():
    put(1, "书法班")
    put(2, "舞蹈班")
    assert list(hooks.check()) == []
    db.session.execute(update(SearchEntry).where(SearchEntry.subject_id == 1).values(words="拳"))
    assert [line for line in hooks.check() if "text 1" in line]
    if is_sqlite():
        db.session.execute(text("DROP TRIGGER search_entry_updates_index"))
        db.session.execute(update(SearchEntry).where(SearchEntry.subject_id == 2).values(grams="a"))
        assert not search.fts5_agrees()


def test_an_activity_that_is_in_no_index_comes_back(make):
    activity = make.activity(make.station(), title="书法班")
    make.shift(activity=activity)
    write(search.drop, Ref("offering", activity.id))
    assert found("书法", "offering") == []
    activities.due(clock.now())
    assert found("书法", "offering") == [activity.id]


@pytest.mark.timeout(300)
def test_it_finds_what_like_finds():
    """A corpus of random texts, and each query answered as a scan of all texts answers it."""
    chance = random.Random(7)
    texts = {
        number: "".join(chance.choices(WORDS, k=chance.randint(1, 12)))
        for number in range(1, TEXTS + 1)
    }
    write(_put_all, texts)
    plain = {number: " ".join(grams.runs(text)) for number, text in texts.items()}
    letters = {number: spelled(words) for number, words in plain.items()}
    queries = [
        "书", "书法", "法广", "清洁家园", "拳舞", "重庆路", "行长", "tai", "2026", "5g",
        "reading", "shufa", "guangchang", "sf", "gc", "yinhang", "qingjiejiayuan", "a", "tjq",
        "䶮", "法䶮", "𬭎拳", "ab", "abtai", "社区书法",
    ]  # fmt: skip
    for query in queries:
        expected = [
            number
            for number, words in plain.items()
            if query in words or (query.isalpha() and any(query in one for one in letters[number]))
        ]
        assert found(query) == expected, query
    with count_queries() as counted:
        found("书法")
    assert len(counted) == 1


def _put_all(texts: dict[int, str]) -> None:
    for number, said in texts.items():
        search.put(Ref("text", number), said)
    for entry in search.unspelled(len(texts)):
        search.spell(entry, spelled(entry.words))
