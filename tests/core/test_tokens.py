"""Codes, signatures and sealed values: every flipped bit and every other purpose is refused."""

from datetime import timedelta

import pytest
from cryptography.exceptions import InvalidTag

from portal.core import clock, ids, tokens


def test_keys_are_of_one_purpose(app):
    keys = {tokens.key_for(purpose) for purpose in ("a", "b", "ab", "")}
    assert len(keys) == 4
    assert all(len(key) == 32 for key in keys)
    assert tokens.key_for("a") == tokens.key_for("a")


def test_a_truncated_code_is_of_the_alphabet(app):
    code = tokens.mac_code("board", "shift/in/1", 8)
    assert len(code) == 8
    assert set(code) <= set(ids.ALPHABET)
    assert code == tokens.mac_code("board", "shift/in/1", 8)
    others = {tokens.mac_code("board", f"shift/in/{step}", 8) for step in range(2, 500)}
    others |= {
        tokens.mac_code("boarf", "shift/in/1", 8),
        tokens.mac_code("board", "shift/out/1", 8),
    }
    assert code not in others
    assert len(others) == 500


def test_digits_keep_their_zeros(app):
    shown = [tokens.mac_digits("digits", str(step), 6) for step in range(500)]
    assert all(len(digits) == 6 and digits.isdecimal() for digits in shown)
    assert any(digits.startswith("0") for digits in shown)


def test_a_signed_value_comes_back(app):
    value = {"path": "/x", "fields": [["role", "志愿者"]]}
    assert tokens.unsign("kept", tokens.sign("kept", value), max_age_seconds=60) == value


def test_any_flipped_character_is_refused(app):
    signed = tokens.sign("kept", {"person": 17})
    for at, character in enumerate(signed):
        other = "A" if character != "A" else "B"
        # The last character of a run of base64 holds unused bits; a change there is no change.
        changed = signed[:at] + other + signed[at + 1 :]
        value = tokens.unsign("kept", changed, max_age_seconds=60)
        assert value is None or (value == {"person": 17} and at == len(signed) - 1)


def test_another_purpose_is_refused(app):
    signed = tokens.sign("kept-form", 1)
    assert tokens.unsign("seen", signed, max_age_seconds=60) is None


@pytest.mark.parametrize("signed", ["", ".", "..", "x.y.z", "\x00", "志愿者", "a" * 100_000])
def test_what_is_no_signature_is_refused(app, signed):
    assert tokens.unsign("kept", signed, max_age_seconds=60) is None


def test_a_signature_ages(app, time_machine):
    time_machine.move_to(clock.now(), tick=False)
    signed = tokens.sign("kept", 1)
    time_machine.shift(timedelta(seconds=60))
    assert tokens.unsign("kept", signed, max_age_seconds=60) == 1
    time_machine.shift(timedelta(seconds=1))
    assert tokens.unsign("kept", signed, max_age_seconds=60) is None


def test_another_key_makes_another_signature(app, monkeypatch):
    signed = tokens.sign("kept", 1)
    sealed = tokens.seal("id", "x")
    hashed = tokens.keyed_hash("id", "x")
    monkeypatch.setitem(app.config, "SECRET_KEY", "another-secret-key-of-the-same-length-000")
    assert tokens.unsign("kept", signed, max_age_seconds=60) is None
    assert tokens.keyed_hash("id", "x") != hashed
    with pytest.raises(InvalidTag):
        tokens.unseal("id", sealed)


def test_a_sealed_value_comes_back_and_says_nothing(app):
    number = "110101199003070417"
    sealed = tokens.seal("id-number", number)
    assert tokens.unseal("id-number", sealed) == number
    assert number.encode() not in sealed
    assert tokens.seal("id-number", number) != sealed


def test_any_flipped_bit_of_a_sealed_value_is_refused(app):
    sealed = tokens.seal("id-number", "110101199003070417")
    for at in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[at // 8] ^= 1 << at % 8
        with pytest.raises(InvalidTag):
            tokens.unseal("id-number", bytes(changed))


def test_a_value_sealed_for_another_purpose_is_refused(app):
    with pytest.raises(InvalidTag):
        tokens.unseal("emergency", tokens.seal("id-number", "x"))


def test_comparing_takes_any_text(app):
    assert tokens.same("密码", "密码")
    assert not tokens.same("密码", "密")


def test_ids_are_of_the_alphabet_and_differ():
    made = {ids.public_id() for _ in range(2000)}
    assert len(made) == 2000
    assert all(len(one) == 10 and set(one) <= set(ids.ALPHABET) for one in made)
    assert set("01iloust") & set(ids.ALPHABET) == {"s", "t"}
