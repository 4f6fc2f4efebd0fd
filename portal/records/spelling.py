"""How Chinese is spelled in Latin letters, for whoever types `shufa` or `sf` to find 书法."""

from __future__ import annotations


def spelled(text: str) -> tuple[str, str]:
    """Return the text in pinyin without tones, and the first letter of each syllable.

    Words stay apart as in the text (`core.grams.runs` joined by a blank). ü is written v, as it is
    typed on a keyboard.
    """
    # Its tables take 57 MiB: only the worker, which spells, is to pay for them.
    from pypinyin import lazy_pinyin  # noqa: PLC0415  see above

    words = [lazy_pinyin(word) for word in text.split(" ")]
    whole = ("".join(syllables) for syllables in words)
    first = ("".join(syllable[:1] for syllable in syllables) for syllables in words)
    return " ".join(whole), " ".join(first)
