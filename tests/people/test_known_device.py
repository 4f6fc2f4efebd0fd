"""Strangers' wrong guesses slow strangers down; the owner's own browser still gets in."""

from __future__ import annotations

from tests.support.factory import PASSWORD


def _sign_in(browser, phone: str, password: str, address: str = "198.51.100.7"):
    return browser.post(
        "/login",
        {"phone": phone, "password": password},
        environ_overrides={"REMOTE_ADDR": address},
    )


def test_wrong_guesses_from_everywhere_do_not_lock_the_owner_out(app, make, browser) -> None:
    person = make.person()
    assert _sign_in(browser, person.phone, PASSWORD).status_code == 303
    browser.post("/logout")

    stranger = type(browser)(app)
    for n in range(10):
        answer = _sign_in(stranger, person.phone, "wrong-guess", f"203.0.113.{n}")
        assert answer.status_code == 422
    assert _sign_in(stranger, person.phone, PASSWORD, "203.0.113.99").status_code == 429
    assert _sign_in(browser, person.phone, PASSWORD).status_code == 303


def test_a_known_browser_is_limited_too_and_known_for_its_person_only(app, make, browser) -> None:
    owner, other = make.person(), make.person()
    assert _sign_in(browser, owner.phone, PASSWORD).status_code == 303
    browser.post("/logout")
    for _n in range(10):
        assert _sign_in(browser, owner.phone, "wrong-guess").status_code == 422
    assert _sign_in(browser, owner.phone, PASSWORD).status_code == 429

    stranger = type(browser)(app)
    for _n in range(10):
        _sign_in(stranger, other.phone, "wrong-guess", "203.0.113.5")
    assert _sign_in(browser, other.phone, PASSWORD).status_code == 429
