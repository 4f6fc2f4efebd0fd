"""The desk's phone: without network, with a server that stumbles, by camera, beside another phone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.journeys import hall as halls
from tests.journeys.conftest import Screen, Screens, sign_in
from tests.journeys.district import PHONES, served
from tests.journeys.hall import Hall, ids_in, ready, typed
from tests.journeys.test_every_page import Look, holds
from tests.support import chromium

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

KEPT, PERSON = "#scan-kept", "#scan-person"


@pytest.fixture(scope="module")
def hall(loaded_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    with served(loaded_demo, tmp_path_factory.mktemp("hall")) as district:
        yield halls.filled(district, 70)


ON_PURPOSE = (
    "ERR_INTERNET_DISCONNECTED",
    "ERR_FAILED",
    "status of 500",
    "registration blocked by Playwright",
)


def phone(screens: Screens, hall: Hall, *, width: int = 360, workers: str = "allow") -> Screen:
    """Open the manager's window; that requests fail on it is meant."""
    screen = screens.open(hall.district, "manager", width=width, workers=workers)
    screen.on_purpose = ON_PURPOSE
    return screen


def test_thirty_scans_without_network(hall: Hall, screens: Screens):
    screen = phone(screens, hall)
    page = ready(screen, hall)
    batches: list[str] = []
    page.on("request", lambda one: one.method == "POST" and batches.append(one.post_data or ""))
    screen.context.set_offline(True)
    page.reload()
    expect(page.locator("#scan-line")).to_contain_text("没有网络")
    for number, card in enumerate(hall.cards[:30]):
        typed(page, card.scanned if number % 3 else card.spoken)
        expect(page.locator(KEPT)).to_have_text(str(number + 1))
        said = page.locator(".scan-said.kept")
        expect(said).to_contain_text("来* · 参加活动")
    expect(page.locator(".scan-said.ok")).to_have_count(0)
    typed(page, hall.cards[0].scanned)
    expect(page.locator(".scan-said")).to_contain_text("已经记过了")
    holds(page, Look("normal", 360))
    page.reload()
    expect(page.locator(KEPT)).to_have_text("30")
    page.once("dialog", lambda one: one.dismiss())
    with page.expect_event("dialog") as asked:
        page.get_by_role("button", name="退出登录").click()
    assert "30 条" in asked.value.message
    expect(page.locator(KEPT)).to_have_text("30")
    with page.expect_download() as download:
        page.get_by_role("button", name="导出文件").click()
    exported = json.loads(download.value.path().read_text())["scans"]
    batches.clear()
    screen.context.set_offline(False)
    expect(page.locator(KEPT)).to_have_text("0")
    expect(page.locator(PERSON)).to_have_text("0")
    sent = [one["scan_id"] for batch in batches for one in json.loads(batch)["scans"]]
    assert hall.rows(sent) == len(set(sent)) == 30
    replayed = list(batches)
    assert {one["scan_id"] for one in exported} == set(sent)
    # Nothing lasting is kept of whom the roster knows.
    assert all("signup_id" in one and "code" not in one for one in exported)
    page.set_input_files("#scan-file", download.value.path())
    expect(page.locator(".scan-said")).to_contain_text("放进来 30 条")
    expect(page.locator(KEPT)).to_have_text("0")
    expect(page.locator(PERSON)).to_have_text("0")
    for batch in replayed * 5:
        assert _again(page, hall, batch) == ["duplicate"] * len(json.loads(batch)["scans"])
    assert hall.rows(sent) == 30
    expect(page.locator("#scan-came")).not_to_have_text("0")


def _again(page: Page, hall: Hall, batch: str) -> list[str]:
    """Send a batch once more, from the page itself; return the verdicts."""
    return page.evaluate(
        "async ([path, body]) => { const answer = await fetch(path, { method: 'POST', body, headers: {"
        " 'Content-Type': 'application/json',"
        " 'X-CSRFToken': document.querySelector('meta[name=csrf-token]').content } });"
        " return (await answer.json()).results.map((one) => one.verdict) }",
        [f"{hall.path}s", batch],
    )


def test_refusals_in_the_middle_lose_nothing(hall: Hall, screens: Screens):
    screen = phone(screens, hall, width=1280, workers="block")
    page = screen.open(hall.path)
    expect(page.locator("#scan-line")).to_contain_text("已联网")
    plan: list[int] = []
    seen: set[str] = set()

    def answered(route: Route) -> None:
        seen.update(ids_in(route.request))
        status = plan.pop(0) if plan else 200
        if status == 0:
            route.abort()
        elif status == 200:
            route.continue_()
        else:
            route.fulfill(status=status, json={"error": {"code": "x", "message": "x"}})

    plan += [0] * 200
    page.route(f"**{hall.path}s", answered)
    for number, card in enumerate(hall.cards[30:60]):
        typed(page, card.scanned)
        expect(page.locator(KEPT)).to_have_text(str(number + 1))
    send = page.get_by_role("button", name="现在交")
    # Ten are taken; of the next ten, sent one by one, the first is refused; then the server stumbles.
    plan[:] = [200, 404, 409, *[200] * 9, *[500] * 4]
    send.click()
    expect(page.locator(KEPT)).to_have_text("10")
    expect(page.locator(PERSON)).to_have_text("1")
    expect(page.locator("#scan-warning")).to_contain_text("服务器忙")
    plan[:] = [403]
    send.click()
    expect(page.locator("#scan-warning")).to_contain_text("登录已经结束")
    expect(page.get_by_role("link", name="去登录")).to_be_visible()
    expect(page.locator(KEPT)).to_have_text("10")
    assert hall.rows(list(seen)) == 19
    holds(page, Look("normal", 1280))
    page.reload()
    # The page is served with zeros: the one that waits for a person says that its script has counted.
    expect(page.locator(PERSON)).to_have_text("1")
    expect(page.locator(KEPT)).to_have_text("0")
    assert hall.rows(list(seen)) == 29
    page.get_by_role("button", name="再交一次").click()
    expect(page.locator(PERSON)).to_have_text("0")
    expect(page.locator(KEPT)).to_have_text("0")
    assert hall.rows(list(seen)) == len(seen) == 30


def test_a_record_that_the_server_stumbles_over_holds_up_nobody(hall: Hall, screens: Screens):
    screen = phone(screens, hall, width=360, workers="block")
    page = screen.open(hall.path)
    expect(page.locator("#scan-line")).to_contain_text("已联网")
    bad: list[str] = []

    def answered(route: Route) -> None:
        ids = ids_in(route.request)
        if not bad:
            bad.append(ids[0])
        if bad[0] in ids:
            route.fulfill(status=500, body="")
        else:
            route.continue_()

    page.route(f"**{hall.path}s", answered)
    # It is tried with each that comes after it, and these pass.
    for number, card in enumerate(hall.cards[60:64]):
        page.evaluate("document.getElementById('scan-result').textContent = ''")
        typed(page, card.scanned)
        expect(page.locator(".scan-said.ok" if number else ".scan-said.kept")).to_have_count(1)
        expect(page.locator(PERSON)).to_have_text("1" if number == 3 else "0")
    expect(page.locator(KEPT)).to_have_text("0")
    page.get_by_role("button", name="处理好了").click()
    expect(page.locator(PERSON)).to_have_text("0")


def test_two_phones_and_the_same_person(hall: Hall, screens: Screens):
    card = hall.cards[64]
    phones = [phone(screens, hall) for _ in range(2)]
    pages = [ready(screen, hall) for screen in phones]
    for screen, page in zip(phones, pages, strict=True):
        screen.context.set_offline(True)
        typed(page, card.scanned)
        expect(page.locator(KEPT)).to_have_text("1")
    for screen, page in zip(phones, pages, strict=True):
        screen.context.set_offline(False)
        expect(page.locator(KEPT)).to_have_text("0")
        expect(page.locator(PERSON)).to_have_text("0")
    visits = "SELECT count(*) FROM visit v JOIN person p ON p.id = v.person_id WHERE p.name = ?"
    assert hall.district.one(visits, "来64") == 1


LEFT = """
async () => {
  const database = await new Promise((done) => {
    const request = indexedDB.open("portal-scan");
    request.onsuccess = () => done(request.result);
  });
  const count = (name) => new Promise((done) => {
    const request = database.transaction(name).objectStore(name).count();
    request.onsuccess = () => done(request.result);
  });
  const workers = await navigator.serviceWorker.getRegistrations();
  return [await count("roster"), await count("queue"), (await caches.keys()).length, workers.length];
}
"""


def test_signing_out_wipes_the_roster_and_keeps_the_queue(hall: Hall, screens: Screens):
    screen = screens.open(hall.district, width=360)
    screen.on_purpose = ON_PURPOSE
    sign_in(screen.page, hall.district.base + "/login", PHONES["manager"])
    page = ready(screen, hall)
    screen.context.set_offline(True)
    typed(page, "m" + "2" * 32)
    expect(page.locator(".scan-said.kept")).to_contain_text("名单没有这个码")
    screen.context.set_offline(False)
    expect(page.locator("#scan-needs")).to_contain_text("没有认出这个码")
    assert page.evaluate(LEFT) == [1, 1, 1, 1]
    page = screen.open("/desk")
    page.once("dialog", lambda one: one.accept())
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url(hall.district.base + "/")
    assert page.evaluate(LEFT) == [0, 1, 0, 0]


def test_camera_photo_and_keyboard(hall: Hall, screens: Screens, tmp_path: Path):
    screen = phone(screens, hall, width=1280, workers="block")
    # A phone that has the name of a detector only: the first call tells.
    screen.page.add_init_script(
        "window.BarcodeDetector = class { async detect() { throw new Error('none') } }"
    )
    page = screen.open(hall.path)
    page.get_by_role("button", name="打开摄像头").click()
    expect(page.locator("#scan-camera-line")).to_contain_text("打不开摄像头")
    page.set_input_files("#scan-photo", halls.photo(hall.cards[65].scanned, tmp_path / "a.png"))
    expect(page.locator(".scan-said.ok")).to_contain_text("已签到")
    # Keyboard alone: the direction, then a code said aloud.
    page.locator("#direction-in").focus()
    page.keyboard.press("ArrowRight")
    page.locator("#scan-code").focus()
    page.keyboard.type(hall.cards[65].spoken.upper())
    page.keyboard.press("Enter")
    expect(page.locator(".scan-said.ok")).to_contain_text("已签退")
    assert page.evaluate("document.activeElement.id") == "scan-code"
    page.get_by_label("没带码：按名字找").fill("来66")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="为 来66 签到").click()
    expect(page.locator(".scan-said.ok")).to_contain_text("已签到")
    typed(page, "这不是码")
    expect(page.locator(".scan-said.person")).to_contain_text("这不是签到码")
    _by_camera(hall, screens, tmp_path)


def _by_camera(hall: Hall, screens: Screens, tmp_path: Path) -> None:
    """Hold a card before a camera: the one that Chromium plays from a film."""
    film = halls.film(hall.cards[67].scanned, tmp_path / "card.y4m")
    options = chromium.launch_options()
    arguments = [
        *options["args"],  # type: ignore[misc]
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    ]
    state = screens._state(hall.district, "manager")
    browser = screens.chrome.browser_type.launch(**{**options, "args": arguments})  # type: ignore[arg-type]
    try:
        page = browser.new_page(storage_state=state, service_workers="block")  # type: ignore[arg-type]
        page.goto(hall.district.base + hall.path)
        page.get_by_role("button", name="打开摄像头").click()
        expect(page.locator(".scan-said.ok")).to_contain_text("已签到", timeout=30_000)
        expect(page.locator("#scan-close")).to_be_focused()
    finally:
        browser.close()
