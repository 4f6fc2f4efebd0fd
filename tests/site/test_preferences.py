"""Reading preferences: two cookies for a year, nothing else."""

import pytest


def cookies(response):
    return {one.split("=")[0]: one for one in response.headers.getlist("Set-Cookie")}


def test_elder_mode_is_remembered_for_a_year(browser):
    response = browser.post("/preferences", {"view": "elder", "next": "/activities"}, token=False)
    assert (response.status_code, response.location) == (303, "/activities")
    (cookie,) = cookies(response).values()
    assert cookie.startswith("view=elder;")
    for part in ("Max-Age=31536000", "Path=/", "SameSite=Lax", "HttpOnly"):
        assert part in cookie
    assert 'class="view-elder"' in browser.get("/activities").text
    browser.post("/preferences", {"view": "normal"}, token=False)
    assert 'class="view-normal"' in browser.get("/").text


def test_the_language_is_remembered(browser):
    browser.post("/preferences", {"lang": "en"}, token=False)
    assert '<html lang="en"' in browser.get("/").text
    browser.post("/preferences", {"lang": "zh"}, token=False)
    assert '<html lang="zh-CN"' in browser.get("/").text


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"view": ""},
        {"view": "ELDER"},
        {"view": "elder; Path=/; x=y"},
        {"view": "elder\r\nSet-Cookie: a=b"},
        {"lang": "fr"},
        {"lang": "<script>"},
        {"view": "x" * 100_000},
        {"theme": "dark"},
    ],
)
def test_what_is_not_known_is_not_kept(browser, fields):
    response = browser.post("/preferences", fields, token=False)
    assert response.status_code == 303
    assert cookies(response) == {}


def test_it_needs_a_post(browser):
    assert browser.get("/preferences?view=elder").status_code == 405


def test_signed_in_people_have_them_too(browser, make):
    browser.sign_in(make.person())
    browser.post("/preferences", {"view": "elder"}, token=False)
    assert 'class="view-elder"' in browser.get("/me").text
    browser.post("/logout")
    assert 'class="view-elder"' in browser.get("/").text
