"""Fixtures of the browser journeys: a served demo district, and people before their screens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    sync_playwright,
)
from sqlalchemy.engine import make_url

from tests.conftest import Databases
from tests.journeys.district import PASSWORD, PHONES, District, loaded, served
from tests.support import chromium

PATIENCE = 30_000
HEIGHTS = {360: 740, 1280: 900}


@pytest.fixture(scope="session")
def chrome(request: pytest.FixtureRequest) -> Iterator[Browser]:
    if request.config.getoption("--database") != "sqlite":
        pytest.skip("the browser tests run on SQLite")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**chromium.launch_options())
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def loaded_demo(
    request: pytest.FixtureRequest,
    chrome: Browser,
    databases: Databases,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    shared = tmp_path_factory.getbasetemp()
    if hasattr(request.config, "workerinput"):
        shared = shared.parent  # the base of a worker stands in the one of the run
    return loaded(shared, Path(make_url(databases.url(databases.template)).database or ""))


@pytest.fixture(scope="session")
def shared_district(
    loaded_demo: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[District]:
    with served(loaded_demo, tmp_path_factory.mktemp("district")) as district:
        yield district


@pytest.fixture
def district(loaded_demo: Path, tmp_path: Path) -> Iterator[District]:
    """A district for one test alone, which may change it and put its clock forward."""
    with served(loaded_demo, tmp_path / "district") as district:
        yield district


class Screen:
    """A person's browser window. What a page must never do is noted in `faults`."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.context, self.base = context, base
        self.faults: list[str] = []
        # What a test makes happen on purpose is no fault.
        self.on_purpose: tuple[str, ...] = ()
        self.requests: list[Request] = []
        context.on("console", self._on_console)
        context.on("weberror", lambda error: self.faults.append(f"script: {error.error}"))
        context.on("request", self._on_request)
        context.set_default_timeout(PATIENCE)
        context.set_default_navigation_timeout(PATIENCE)
        self.page = context.new_page()

    def _on_console(self, message: ConsoleMessage) -> None:
        # An answer 4xx is reported here too; whether it is right, the test says.
        refused = "the server responded with a status of 4" in message.text
        meant = any(one in message.text for one in self.on_purpose)
        if message.type in {"error", "warning"} and not refused and not meant:
            self.faults.append(f"console: {message.text}")

    def _on_request(self, request: Request) -> None:
        self.requests.append(request)
        if urlsplit(request.url).scheme != "data" and not request.url.startswith(self.base + "/"):
            self.faults.append(f"request to elsewhere: {request.url}")

    def open(self, path: str) -> Page:
        """Go to an address of the site."""
        self.page.goto(self.base + path)
        return self.page


Open = Callable[..., Screen]


class Screens:
    """Opens windows on a district, and closes them."""

    def __init__(self, chrome: Browser, kept: dict[tuple[object, ...], Screen]) -> None:
        self.chrome, self.kept = chrome, kept
        self.opened: list[Screen] = []
        self.borrowed: list[Screen] = []

    def open(
        self,
        district: District,
        role: str = "visitor",
        *,
        width: int = 360,
        view: str = "normal",
        lang: str = "zh",
        script: bool = True,
        workers: str = "allow",
    ) -> Screen:
        """Open a window as one of the demo's people, or as a visitor."""
        context = self.chrome.new_context(
            viewport={"width": width, "height": HEIGHTS.get(width, 740)},
            java_script_enabled=script,
            storage_state=self._state(district, role) if role in PHONES else None,
            locale="zh-CN",
            service_workers=workers,
        )
        for name, value, usual in (("view", view, "normal"), ("lang", lang, "zh")):
            if value != usual:
                context.add_cookies([{"name": name, "value": value, "url": district.base}])
        screen = Screen(context, district.base)
        self.opened.append(screen)
        return screen

    def look(
        self, district: District, role: str, *, width: int, view: str, lang: str = "zh"
    ) -> Screen:
        """Open a window that the next test with the same look has again: only to look at pages."""
        key = (district.base, role, width, view, lang)
        if key not in self.kept:
            self.kept[key] = self.open(district, role, width=width, view=view, lang=lang)
            self.opened.remove(self.kept[key])
        screen = self.kept[key]
        screen.faults.clear()
        screen.page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        self.borrowed.append(screen)
        return screen

    def _state(self, district: District, role: str) -> object:
        """Return the cookies of a sign-in; each person signs in once a district."""
        if role not in district.states:
            context = self.chrome.new_context()
            context.set_default_timeout(PATIENCE)
            sign_in(context.new_page(), district.base + "/login", PHONES[role])
            district.states[role] = context.storage_state()
            context.close()
        return district.states[role]

    def close(self) -> None:
        for screen in self.opened:
            screen.context.close()

    def faults(self) -> list[str]:
        return [fault for one in (*self.opened, *self.borrowed) for fault in one.faults]


def sign_in(page: Page, address: str, phone: str, password: str = PASSWORD) -> None:
    """Sign in by the form."""
    page.goto(address)
    page.get_by_label("手机号").fill(phone)
    page.get_by_label("密码", exact=True).fill(password)
    page.locator("main").get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "/login" not in url)


@pytest.fixture(scope="session")
def kept_screens(chrome: Browser) -> dict[tuple[object, ...], Screen]:
    return {}


@pytest.fixture
def screens(chrome: Browser, kept_screens: dict[tuple[object, ...], Screen]) -> Iterator[Screens]:
    screens = Screens(chrome, kept_screens)
    yield screens
    screens.close()
    assert screens.faults() == []
