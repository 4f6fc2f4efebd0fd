"""Every page, as each role, in both views and both widths: what holds on all of them."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from playwright.sync_api import Page

from tests.conftest import PROFILE
from tests.journeys.conftest import HEIGHTS, Screens
from tests.journeys.district import PHONES, District
from tests.journeys.pages import EMPTY_FORMS, EVERYBODY, MAIN, SIGHTS, Sight

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


class Look(NamedTuple):
    """How a page is shown."""

    view: str
    width: int

    def __str__(self) -> str:
        """Name it in a test's id."""
        return f"{self.view}-{self.width}"


LOOKS = tuple(itertools.starmap(Look, itertools.product(("normal", "elder"), (360, 1280))))
NARROWEST = 320
EXAMINE = (Path(__file__).parent / "examine.js").read_text()
AXE = next((Path(__file__).parents[1] / "vendor").glob("axe-core-*.min.js")).read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RUN_AXE = """
async ([tags, view]) => {
  const rules = { "color-contrast-enhanced": { enabled: view === "elder" } };
  const found = await axe.run(document, {
    runOnly: { type: "tag", values: tags }, rules, resultTypes: ["violations"],
  });
  return found.violations.map((one) =>
    `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 120)).join(" / ")}`);
}
"""
OPEN_DETAILS = "() => document.querySelectorAll('details').forEach((one) => { one.open = true })"


def cases() -> list[Any]:
    """Return (sight, role, look): each once in turn, the main ones in every look."""
    chosen = {}
    for number, sight in enumerate(SIGHTS):
        roles = sight.roles if PROFILE == "full" else [sight.roles[number % len(sight.roles)]]
        looks = LOOKS if PROFILE == "full" else [LOOKS[number % len(LOOKS)]]
        for role, look in itertools.product(roles, looks):
            chosen[sight.address, role, look] = sight
    for sight, look in itertools.product(MAIN, LOOKS):
        chosen[sight.address, sight.roles[0], look] = sight
    return [
        pytest.param(sight, role, look, id=f"{address}-{role}-{look}")
        for (address, role, look), sight in chosen.items()
    ]


def _branch_ids(district: District) -> dict[str, str]:
    one = district.one
    of_office = "SELECT p.public_id FROM person p JOIN account a ON a.person_id = p.id"
    return {
        "branch": one("SELECT public_id FROM party_branch WHERE level = 'street'"),
        "unit_branch": one("SELECT public_id FROM party_branch WHERE unit_id IS NOT NULL"),
        "asked": one("SELECT public_id FROM membership_request"),
        "member": one(
            "SELECT p.public_id FROM person p JOIN party_member m ON m.person_id = p.id"
            " WHERE m.ended_on IS NULL"
        ),
        "secretary": one(f"{of_office} WHERE a.phone = ?", PHONES["officer"]),
    }


@pytest.fixture(scope="session")
def ids(shared_district: District) -> dict[str, str]:
    """Return real ids of the district, as the paths name them."""
    one = shared_district.one
    manager = one("SELECT person_id FROM account WHERE phone = ?", PHONES["manager"])
    volunteer = one("SELECT person_id FROM account WHERE phone = ?", PHONES["volunteer"])
    place = one("SELECT station_id FROM role_grant WHERE person_id = ?", manager)
    now = "strftime('%Y-%m-%d %H:%M:%S', 'now')"
    shift_of = (
        "SELECT s.public_id FROM shift s JOIN offering o ON o.id = s.offering_id"
        " WHERE s.station_id = ? AND s.state = 'planned' AND o.state = 'published'"
        " AND o.type = 'activity'"
    )
    coming = one(
        f"{shift_of} AND s.starts_at > {now} AND EXISTS (SELECT 1 FROM signup u"
        " WHERE u.shift_id = s.id AND u.state = 'confirmed') ORDER BY s.starts_at",
        place,
    )
    activity_of = "SELECT o.public_id FROM offering o JOIN shift s ON s.offering_id = o.id"
    found = {
        "station": one("SELECT public_id FROM station WHERE id = ?", place),
        "shift": one(f"{shift_of} AND s.starts_at <= {now} AND s.ends_at > {now}", place),
        "coming_shift": coming,
        "signup": one(
            "SELECT u.public_id FROM signup u JOIN shift s ON s.id = u.shift_id"
            " WHERE s.public_id = ? AND u.state = 'confirmed'",
            coming,
        ),
        "past_shift": one(f"{shift_of} AND s.ends_at < {now} ORDER BY s.ends_at", place),
        "activity": one(
            f"{activity_of} WHERE s.station_id = ? AND s.starts_at > {now} AND o.type = 'activity'",
            place,
        ),
        "in_review": one(
            "SELECT public_id FROM offering WHERE station_id = ? AND state = 'in_review'", place
        ),
        "waited_for": one(
            f"{activity_of} JOIN signup u ON u.shift_id = s.id"
            " WHERE u.person_id = ? AND u.state = 'waitlisted'",
            volunteer,
        ),
        "visit": one("SELECT public_id FROM visit WHERE person_id = ?", volunteer),
    }
    found["call"] = one(
        "SELECT n.public_id FROM notice n LEFT JOIN account a ON a.person_id = n.person_id"
        " JOIN shift s ON s.id = n.subject_id AND n.subject_kind = 'shift'"
        " WHERE s.station_id = ? AND n.kind = 'shift_moved' AND a.person_id IS NULL",
        place,
    )
    # The volunteer gets text messages, so that the page shows what is chosen for them.
    shared_district.change(
        "INSERT OR IGNORE INTO notice_reach (person_id, channel, topics, agreed_at, code_salt)"
        f" VALUES (?, 'sms', '[\"signups\"]', {now}, '')",
        volunteer,
    )
    found |= _waiting_ids(shared_district, volunteer)
    found |= _open_ids(shared_district)
    found |= _feedback_ids(shared_district, place)
    found |= _certificate_ids(shared_district, place, volunteer)
    found |= _correction_ids(shared_district, volunteer, found["past_shift"])
    found |= _anomaly_ids(shared_district)
    found |= _pairing_ids(shared_district)
    found |= _wish_ids(shared_district, place)
    found |= _order_ids(shared_district, place)
    found |= _branch_ids(shared_district)
    found |= _post_ids(shared_district, place, volunteer)
    found |= _team_ids(shared_district, volunteer)
    found |= _template_ids(shared_district, place)
    found |= _series_ids(shared_district)
    found |= _crowd_ids(shared_district, place)
    found |= _record_ids(shared_district, volunteer)
    found["wish"] = one("SELECT public_id FROM wish WHERE state = 'published' AND parts > 1")
    found["pledge"] = one(
        "SELECT public_id FROM pledge WHERE state = 'active' AND person_id = ?", volunteer
    )
    of_station = "SELECT public_id FROM volunteer WHERE station_id = ? AND state = ?"
    found["registered"] = one(f"{of_station} ORDER BY id DESC", place, "registered")
    found["volunteer"] = one(of_station, place, "submitted")
    resident = "FROM person p JOIN account a ON a.person_id = p.id WHERE a.phone = ?"
    found["person"] = one(f"SELECT p.public_id {resident}", PHONES["resident"])
    found["manager"] = one(f"SELECT p.public_id {resident}", PHONES["manager"])
    found["managed"] = one("SELECT public_id FROM station WHERE id = ?", place)
    found["person_name"] = quote(one(f"SELECT p.name {resident}", PHONES["resident"]))
    return found


def _waiting_ids(district: District, volunteer: int) -> dict[str, str]:
    """Return where the volunteer waits, what they missed, and an appeal that waits."""
    one = district.one
    waits = "FROM signup u JOIN shift s ON s.id = u.shift_id WHERE u.state = 'waitlisted'"
    return {
        "waited_shift": one(f"SELECT s.public_id {waits} AND u.person_id = ?", volunteer),
        "waiting_signup": one(f"SELECT u.public_id {waits} AND u.person_id = ?", volunteer),
        "missed_signup": one(
            "SELECT u.public_id FROM signup u JOIN step t ON t.subject_id = u.id"
            " WHERE t.subject_kind = 'signup' AND t.reason = 'late' AND u.person_id = ?",
            volunteer,
        ),
        "appeal": one("SELECT public_id FROM appeal WHERE state = 'open'"),
    }


def _open_ids(district: District) -> dict[str, str]:
    """Return what yesterday's scans left open, and what a member forgot."""
    member = district.one("SELECT person_id FROM account WHERE phone = ?", PHONES["member"])
    of_shift = "FROM shift s JOIN offering o ON o.id = s.offering_id"
    title = "WHERE o.title = '夜市文明劝导'"
    waits = "SELECT v.public_id FROM visit v"
    return {
        "own_stay": district.one(f"{waits} WHERE pending IS NOT NULL AND person_id = ?", member),
        "open_shift": district.one(f"SELECT s.public_id {of_shift} {title}"),
        "open_stay": district.one(
            f"{waits} JOIN shift s ON s.id = v.shift_id"
            f" JOIN offering o ON o.id = s.offering_id {title} AND v.pending IS NOT NULL"
        ),
        "only_out": district.one(
            f"SELECT u.public_id {of_shift} JOIN signup u ON u.shift_id = s.id"
            " JOIN scan c ON c.shift_id = s.id AND c.person_id = u.person_id"
            f" {title} AND c.verdict = 'conflict'"
        ),
    }


def _record_ids(district: District, volunteer: int) -> dict[str, str]:
    """Return what is on record of the volunteer beyond hours, and a batch for the State."""
    one = district.one
    return {
        "evaluation": one("SELECT public_id FROM evaluation WHERE person_id = ?", volunteer),
        "evaluated": one("SELECT public_id FROM person WHERE id = ?", volunteer),
        "evaluated_shift": one(
            "SELECT s.public_id FROM shift s JOIN evaluation e ON e.shift_id = s.id"
        ),
        "honour": one("SELECT public_id FROM honour WHERE subject_kind = 'community'"),
        "batch": one("SELECT public_id FROM upstream_batch"),
    }


def _team_ids(district: District, volunteer: int) -> dict[str, str]:
    """Return a team that the volunteer is in, its people and its shift; a project; a family."""
    one = district.one
    team = one("SELECT team_id FROM team_member WHERE person_id = ?", volunteer)
    of_team = "SELECT p.public_id FROM team_member m JOIN person p ON p.id = m.person_id"
    of_shift = (
        "FROM team_signup t JOIN signup u ON u.id = t.signup_id JOIN shift s ON s.id = u.shift_id"
        " JOIN offering o ON o.id = s.offering_id"
    )
    of_family = "FROM family_member f JOIN person p ON p.id = f.person_id"
    activity = "SELECT o.public_id FROM offering o WHERE o.title = ?"
    return {
        "team": one("SELECT public_id FROM team WHERE id = ?", team),
        "teammate": one(f"{of_team} WHERE m.team_id = ? AND m.role = 'member'", team),
        "who_asks": one(f"{of_team} WHERE m.team_id = ? AND m.state = 'requested'", team),
        "team_shift": one(f"SELECT s.public_id {of_shift}"),
        "team_signup": one(f"SELECT u.public_id {of_shift}"),
        "for_teams": one("SELECT public_id FROM offering WHERE team_only"),
        "for_families": one(activity, "义工生活节"),
        "brand": one("SELECT public_id FROM project WHERE name = '社区陪伴'"),
        "relative": one(f"SELECT f.public_id {of_family}"),
        "young_relative": one(f"SELECT f.public_id {of_family} WHERE f.is_guardian"),
        "grandchild": one(f"SELECT p.public_id {of_family} WHERE f.is_guardian"),
        "asks_more": one("SELECT public_id FROM offering WHERE community_only"),
        "large": one("SELECT public_id FROM offering WHERE expected_persons >= 1000"),
        "course_shift": one(
            "SELECT s.public_id FROM shift s JOIN offering o ON o.id = s.offering_id"
            " WHERE o.gives_training_id IS NOT NULL"
        ),
        "family_signup": one(f"SELECT u.public_id {of_family} JOIN signup u ON u.person_id = p.id"),
    }


def _template_ids(district: District, station_id: int) -> dict[str, str]:
    """Return templates of the manager's station, and a shift for which a sheet was printed."""
    of_station = "SELECT public_id FROM activity_template WHERE station_id = ? AND retired_at IS"
    return {
        "template": district.one(f"{of_station} NULL", station_id),
        "old_template": district.one(f"{of_station} NOT NULL", station_id),
        "printed_shift": district.one(
            "SELECT s.public_id FROM shift s JOIN paper_sheet p ON p.shift_id = s.id"
            " WHERE p.id NOT IN (SELECT sheet_id FROM paper_batch)"
        ),
        "typed_shift": district.one(
            "SELECT s.public_id FROM shift s JOIN paper_sheet p ON p.shift_id = s.id"
            " JOIN paper_batch b ON b.sheet_id = p.id"
        ),
        "claimed_shift": district.one(
            "SELECT s.public_id FROM shift s JOIN claim c ON c.shift_id = s.id"
        ),
    }


def _series_ids(district: District) -> dict[str, str]:
    """Return a course of the manager's station, one of its dates, and talks that go round."""
    of_title = "FROM series s JOIN offering o ON o.id = s.offering_id WHERE o.title = ?"
    course, talks = "毛笔书法班", "道德模范“五进”宣讲"
    return {
        "series": district.one(f"SELECT s.public_id {of_title}", course),
        "course": district.one(f"SELECT o.public_id {of_title}", course),
        "course_shift": district.one(
            "SELECT h.public_id FROM shift h JOIN offering o ON o.id = h.offering_id"
            " WHERE o.title = ? ORDER BY h.starts_at DESC",
            course,
        ),
        "talks": district.one(f"SELECT s.public_id {of_title}", talks),
    }


def _crowd_ids(district: District, station_id: int) -> dict[str, str]:
    """Return an open crowd of the manager's station, one of its days that is told, one that is not."""
    told = "EXISTS (SELECT 1 FROM closeout c WHERE c.shift_id = s.id)"
    crowd = (
        "FROM shift s JOIN offering o ON o.id = s.offering_id WHERE o.open_crowd"
        " AND s.station_id = ? AND"
    )
    return {
        "crowd": district.one(f"SELECT o.public_id {crowd} {told}", station_id),
        "told_crowd": district.one(
            f"SELECT s.public_id {crowd} {told} ORDER BY s.ends_at DESC", station_id
        ),
        "untold_crowd": district.one(
            f"SELECT s.public_id {crowd} NOT {told} AND s.ends_at < datetime('now')"
            " ORDER BY s.ends_at DESC",
            station_id,
        ),
    }


def _wish_ids(district: District, station_id: int) -> dict[str, str]:
    """Return a wish of each state at the manager's station, and the resident's own."""
    resident = district.one("SELECT person_id FROM account WHERE phone = ?", PHONES["resident"])
    of_state = "SELECT public_id FROM wish WHERE station_id = ? AND state = ?"
    states = ("verified", "published", "pledged", "fulfilled", "closed")
    own = "SELECT public_id FROM wish WHERE wisher_id = ? AND state = 'filed'"
    return {
        **{f"wish_{state}": district.one(of_state, station_id, state) for state in states},
        "wish_filed": district.one(own, resident),
        "own_wish": district.one(own, resident),
    }


def _post_ids(district: District, station_id: int, person_id: int) -> dict[str, str]:
    """Return a post of the manager's station, who stands there, and a duty the volunteer had."""
    post = district.one(
        "SELECT public_id FROM offering WHERE station_id = ? AND type = 'service_post'"
        " AND state = 'published'",
        station_id,
    )
    duty = "FROM signup u JOIN shift s ON s.id = u.shift_id JOIN offering o ON o.id = s.offering_id"
    coming = "o.public_id = ? AND u.state = 'confirmed' AND s.starts_at > CURRENT_TIMESTAMP"
    order = "ORDER BY s.starts_at, u.id"
    return {
        "post": post,
        "duty_shift": district.one(f"SELECT s.public_id {duty} WHERE {coming} {order}", post),
        "duty_signup": district.one(f"SELECT u.public_id {duty} WHERE {coming} {order}", post),
        "standing": district.one(
            "SELECT p.public_id FROM standing_place p JOIN duty_slot d ON d.id = p.slot_id"
            " JOIN offering o ON o.id = d.post_id WHERE o.public_id = ? AND p.ended_at IS NULL",
            post,
        ),
        "past_duty": district.one(
            "SELECT s.public_id FROM shift s JOIN offering o ON o.id = s.offering_id"
            " JOIN signup u ON u.shift_id = s.id WHERE o.type = 'service_post'"
            " AND s.station_id = ? AND u.person_id = ? AND u.state = 'attended'"
            " AND NOT EXISTS (SELECT 1 FROM duty_log l WHERE l.shift_id = s.id)",
            station_id,
            person_id,
        ),
    }


def _feedback_ids(district: District, station_id: int) -> dict[str, str]:
    """Return what the resident filed, and what lies at the manager's station."""
    resident = district.one("SELECT person_id FROM account WHERE phone = ?", PHONES["resident"])
    own = "SELECT public_id FROM feedback WHERE person_id = ?"
    here = "SELECT public_id FROM feedback WHERE station_id = ? AND state = 'filed'"
    return {
        "own_feedback": district.one(f"{own} AND state = 'filed'", resident),
        "answered_feedback": district.one(f"{own} AND state = 'answered'", resident),
        "open_feedback": district.one(f"{here} AND NOT about_staff", station_id),
        "about_staff": district.one(f"{here} AND about_staff", station_id),
    }


def _certificate_ids(district: District, station_id: int, volunteer: int) -> dict[str, str]:
    """Return the volunteer's certificate of the manager's station, and the one it replaced."""
    own = "SELECT public_id FROM certificate WHERE station_id = ? AND person_id = ?"
    return {
        "certified": district.one("SELECT public_id FROM person WHERE id = ?", volunteer),
        "certificate": district.one(f"{own} AND superseded_at IS NULL", station_id, volunteer),
        "old_certificate": district.one(
            f"{own} AND superseded_at IS NOT NULL", station_id, volunteer
        ),
    }


def _correction_ids(district: District, volunteer: int, past_shift: str) -> dict[str, str]:
    """Return requests in each state, a record of the volunteer, and who was on a past shift."""
    of_state = "SELECT public_id FROM correction WHERE state = ?"
    approved = district.one(of_state, "approved")
    return {
        "own_correction": district.one(of_state, "submitted"),
        "returned_correction": district.one(of_state, "returned"),
        "approved_correction": approved,
        "own_entry": district.one(
            "SELECT substr(digest, 1, 16) FROM ledger_entry WHERE person_id = ?"
            " AND id NOT IN (SELECT entry_id FROM correction WHERE entry_id IS NOT NULL)",
            volunteer,
        ),
        "helped": district.one(
            "SELECT p.public_id FROM person p JOIN correction c ON c.person_id = p.id"
            " WHERE c.public_id = ?",
            approved,
        ),
        "past_signup": district.one(
            "SELECT u.public_id FROM signup u JOIN shift s ON s.id = u.shift_id"
            " WHERE s.public_id = ? AND u.role = 'volunteer'",
            past_shift,
        ),
    }


def _anomaly_ids(district: District) -> dict[str, str]:
    """Return what stands out: a phone of several people, and a case somebody looked into."""
    one = "SELECT public_id FROM anomaly WHERE kind = ?"
    return {
        "anomaly": district.one(one, "same_device"),
        "anomaly_done": district.one(f"{one} AND state = 'fine'", "burst"),
    }


def _pairing_ids(district: District) -> dict[str, str]:
    """Return what the member's unit has with the manager's community, and who has nobody yet."""
    member = district.one("SELECT person_id FROM account WHERE phone = ?", PHONES["member"])
    unit = district.one("SELECT unit_id FROM unit_liaison WHERE person_id = ?", member)
    pairing = district.one("SELECT id FROM pairing WHERE unit_id = ?", unit)
    lonely = "NOT EXISTS (SELECT 1 FROM pairing p WHERE p.ended_on IS NULL AND p.{}_id = x.id)"
    return {
        "unit": district.one("SELECT public_id FROM civilized_unit WHERE id = ?", unit),
        "pairing": district.one("SELECT public_id FROM pairing WHERE id = ?", pairing),
        "ended_pairing": district.one("SELECT public_id FROM pairing WHERE ended_on IS NOT NULL"),
        "project": district.one(
            "SELECT public_id FROM pairing_project WHERE pairing_id = ? AND state = 'under_way'",
            pairing,
        ),
        "lonely_unit": district.one(
            f"SELECT x.public_id FROM civilized_unit x WHERE {lonely.format('unit')}"
        ),
        "lonely_station": district.one(
            "SELECT x.public_id FROM station x WHERE x.level = 'station' AND "
            + lonely.format("station")
        ),
        "member": district.one("SELECT public_id FROM person WHERE id = ?", member),
    }


def _order_ids(district: District, station_id: int) -> dict[str, str]:
    """Return orders of the manager's station, and dispatches that lie with people who sign in."""
    one = district.one
    resident = one("SELECT person_id FROM account WHERE phone = ?", PHONES["resident"])
    own = "SELECT public_id FROM service_order WHERE asker_id = ? AND state = ?"
    sent = "SELECT public_id FROM dispatch WHERE kind = ? AND state = ? ORDER BY id"
    service = "SELECT public_id FROM service WHERE station_id = ?"
    here = "SELECT public_id FROM service_order WHERE station_id = ? AND state = ?"
    states = ("filed", "dispatched", "accepted", "done", "closed")
    return {
        "service": one(f"{service} AND NOT home_visit", station_id),
        "visit_service": one(f"{service} AND home_visit", station_id),
        "own_order": one(own, resident, "filed"),
        "own_done_order": one(own, resident, "done"),
        "unit_offered": one(sent, "unit", "offered"),
        "unit_accepted": one(sent, "unit", "accepted"),
        "claimed": one(sent, "open", "accepted"),
        "free": one(sent, "open", "offered"),
        **{f"{state}_order": one(here, station_id, state) for state in states},
    }


def fill_in(address: str, ids: dict[str, str], screens: Screens, district: District) -> str:
    """Return the path; what does not last, or is not there yet, is made first."""
    fresh = {}
    if "{code}" in address:
        page = screens.look(district, "manager", width=1280, view="normal").open(
            f"/desk/shifts/{ids['shift']}/board"
        )
        link = page.locator("a[href*='/check-in/']").get_attribute("href") or ""
        fresh["code"] = link.rsplit("/", 1)[1]
    if "{followed}" in address:
        fresh["followed"] = _followed(screens, district)
    if "{certificate_code}" in address:
        page = screens.look(district, "volunteer", width=1280, view="normal").open(
            f"/me/certificates/{ids['certificate']}"
        )
        link = page.locator("a[href^='/certificates/']").get_attribute("href") or ""
        fresh["certificate_code"] = link.rsplit("/", 1)[1]
    if "{followed_order}" in address:
        fresh["followed_order"] = _followed_order(ids, screens, district)
    if "{token}" in address:
        page = screens.look(district, "administrator", width=1280, view="normal").open(
            "/office/tokens"
        )
        page.locator("main form input:not([type=hidden])").first.fill("大屏")
        page.locator("main form button[type=submit]").first.click()
        page.get_by_text("大屏").first.wait_for()
        fresh["token"] = district.one("SELECT public_id FROM api_token WHERE revoked_at IS NULL")
    return address.format(**ids, **fresh)


def _followed(screens: Screens, district: District) -> str:
    """Return the token of a page by number, made by saying something."""
    page = screens.look(district, "visitor", width=1280, view="normal").open("/feedback")
    page.get_by_label("其他").check()
    page.get_by_label("想说的话").fill("站前的路灯不亮了。")
    page.locator("main form[action='/feedback'] button[type=submit]").click()
    page.wait_for_url("**/feedback/track/*")
    return page.url.rsplit("/", 1)[1]


def _followed_order(ids: dict[str, str], screens: Screens, district: District) -> str:
    """Return the token of an order's page by number, made by ordering something."""
    page = screens.look(district, "visitor", width=1280, view="normal").open(
        f"/services/{ids['service']}"
    )
    page.get_by_label("怎么称呼您").fill("路人甲")
    page.get_by_label("手机号").fill("13800017777")
    page.get_by_label("住址").fill("和平里 1 号")
    page.get_by_label("同意站点和接单的人用这些信息来办").check()
    page.locator("main form[action$='/order'] button[type=submit]").click()
    page.wait_for_url("**/services/track/*")
    return page.url.rsplit("/", 1)[1]


def examined(page: Page, look: Look, *, has_switch: bool = True) -> list[str]:
    """Return what our own examination finds."""
    page.evaluate(OPEN_DETAILS)
    elder = look.view == "elder"
    wanted = {
        "view": look.view,
        "hasSwitch": has_switch,
        "target": 60 if elder else 44,
        "font": 20 if elder else 17,
    }
    return list(page.evaluate(EXAMINE, wanted))


def faults_of(page: Page, look: Look, *, has_switch: bool = True) -> list[str]:
    """Return what this page does that no page may."""
    faults = examined(page, look, has_switch=has_switch)
    view, width = look
    # All of it on the screen at once, so that the bars that stick to it hide nothing.
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": max(HEIGHTS[width], min(height, 9000))})
    page.evaluate(AXE)
    faults += page.evaluate(RUN_AXE, [TAGS, view])
    if width < 400:
        page.set_viewport_size({"width": NARROWEST, "height": HEIGHTS[360]})
        faults += [fault for fault in examined(page, look) if " px wide at " in fault]
    return faults


def holds(page: Page, look: Look, *, has_switch: bool = True) -> None:
    """Fail with every fault of the page, a line each."""
    faults = faults_of(page, look, has_switch=has_switch)
    assert not faults, "\n" + "\n".join(faults)


@pytest.mark.parametrize(("sight", "role", "look"), cases())
def test_page(
    sight: Sight,
    role: str,
    look: Look,
    shared_district: District,
    ids: dict[str, str],
    screens: Screens,
):
    path = fill_in(sight.address, ids, screens, shared_district)
    screen = screens.look(shared_district, role, view=look.view, width=look.width)
    response = screen.page.goto(screen.base + path)
    assert response is not None
    assert response.status == sight.status
    assert response.request.redirected_from is None
    holds(screen.page, look, has_switch=sight.has_switch)


@pytest.mark.parametrize(
    ("sent", "look"),
    [
        pytest.param(sent, look, id=f"{sent[1]}-{look}")
        for number, sent in enumerate(EMPTY_FORMS)
        for look in (LOOKS if PROFILE == "full" else [LOOKS[number % len(LOOKS)]])
    ],
)
def test_a_form_sent_empty_says_what_to_mend(
    sent: tuple[str, str, str],
    look: Look,
    shared_district: District,
    ids: dict[str, str],
    screens: Screens,
):
    role, address, form = sent
    path = fill_in(address, ids, screens, shared_district)
    page = screens.look(shared_district, role, view=look.view, width=look.width).open(path)
    page.evaluate(OPEN_DETAILS)
    with page.expect_navigation() as navigation:
        page.locator(f"main {form}[method=post] button[type=submit]").first.click()
    assert navigation.value.status == 422
    summary = page.locator(".error-summary")
    assert summary.evaluate("(one) => one === document.activeElement")
    assert page.title().startswith("错误：")
    links = summary.locator("a[href^='#']")
    assert links.count() > 0
    for number in range(links.count()):
        assert page.locator(links.nth(number).get_attribute("href") or "").count() == 1
    links.first.click()
    assert page.evaluate("document.activeElement.matches('input, select, textarea')")
    holds(page, look)


@pytest.mark.parametrize(
    ("role", "view"),
    [
        (role, view)
        for number, role in enumerate(EVERYBODY)
        for view in (
            ("normal", "elder") if PROFILE == "full" else (("elder", "normal")[number % 2],)
        )
    ],
)
def test_english_fits_where_chinese_does(
    role: str, view: str, shared_district: District, ids: dict[str, str], screens: Screens
):
    screen = screens.look(shared_district, role, view=view, width=360, lang="en")
    look, faults = Look(view, 360), []
    for sight in SIGHTS:
        if role != sight.roles[0] or sight.status != 200:
            continue
        page = screen.open(fill_in(sight.address, ids, screens, shared_district))
        assert page.evaluate("document.documentElement.lang") == "en"
        found = examined(page, look, has_switch=sight.has_switch)
        faults += [f"{sight.address}: {fault}" for fault in found]
    assert not faults, "\n" + "\n".join(faults)
