"""District settings: who may, what can be used, what is kept of each change."""

import pytest

from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.records import settings
from portal.records.audit import AuditEntry
from portal.records.settings import SettingRow
from portal.records.settings_catalogue import CATALOGUE
from portal.site.settings import GROUPS


@pytest.fixture
def admin(make, browser):
    return browser.sign_in(make.holder("administrator", make.centre()))


def typed(**changes):
    shown = {
        one.key: {True: "1", False: "0"}.get(one.default, str(one.default))
        if isinstance(one.default, bool)
        else str(one.default)
        for one in CATALOGUE
    }
    return {**shown, **changes}


def test_every_setting_stands_on_the_page(admin):
    page = admin.get("/office/settings").text
    assert {one.group for one in CATALOGUE} <= set(GROUPS)
    for one in CATALOGUE:
        assert f'name="{one.key}"' in page, one.key


def test_the_defaults_are_within_their_own_bounds(app):
    with app.test_request_context():
        for one in CATALOGUE:
            assert one.parse(typed()[one.key]) == one.default


@pytest.mark.parametrize(
    ("role", "status"),
    [("administrator", 200), ("campaign_officer", 403), ("auditor", 403), ("station_manager", 403)],
)
def test_who_may_set(browser, make, role, status):
    browser.sign_in(make.holder(role, make.centre()))
    assert browser.get("/office/settings").status_code == status
    expected = 303 if status == 200 else 403
    assert browser.post("/office/settings", typed()).status_code == expected


def test_a_change_holds_from_now_on(admin):
    response = admin.post("/office/settings", typed(site_name=" 河畔区文明实践 ", offer_hours="6"))
    assert response.status_code == 303
    page = admin.get("/office/settings").text
    assert "河畔区文明实践" in page
    assert "设置已保存" in page
    rows = db.session.query(SettingRow).order_by(SettingRow.id).all()
    assert {row.key: row.value for row in rows} == {"site_name": "河畔区文明实践", "offer_hours": 6}
    entries = db.session.query(AuditEntry).filter_by(verb="setting.change").all()
    assert {entry.details["key"] for entry in entries} == {"site_name", "offer_hours"}
    assert {entry.details["before"] for entry in entries} == {"文明实践门户", 12}


def test_saving_the_same_changes_nothing(admin):
    admin.post("/office/settings", typed())
    assert db.session.query(SettingRow).count() == 0


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"offer_hours": "0"}, "请填 1 到 72 之间的整数"),
        ({"offer_hours": "73"}, "请填 1 到 72 之间的整数"),
        ({"offer_hours": ""}, "请填 1 到 72 之间的整数"),
        ({"offer_hours": "-1"}, "请填 1 到 72 之间的整数"),
        ({"offer_hours": "1.5"}, "请填 1 到 72 之间的整数"),
        ({"offer_hours": "9" * 6000}, "请填 1 到 72 之间的整数"),
        ({"offer_hours": "0" * 6000 + "1"}, "请填 1 到 72 之间的整数"),
        ({"review_station": "some"}, "请从列表中选择一项"),
        ({"id_number": ""}, "请从列表中选择一项"),
        ({"site_name": "长" * 201}, "最多 200 个字"),
        ({"site_name": "  "}, "请填写这一项"),
        ({"help_phone": ""}, "请填写这一项"),
        ({"district_code": "AB"}, "请填 2 到 6 位数字"),
        ({"district_code": "44034403"}, "请填 2 到 6 位数字"),
        ({"district_code": "４４０３"}, "请填 2 到 6 位数字"),
    ],
)
def test_one_that_cannot_be_used_changes_none(admin, changes, sentence):
    response = admin.post("/office/settings", typed(district_name="河畔区", **changes))
    assert response.status_code == 422
    assert sentence in response.text
    assert 'value="河畔区"' in response.text
    assert "错误：" in response.text
    assert db.session.query(SettingRow).count() == 0


def test_markup_in_a_name_is_text(admin):
    admin.post("/office/settings", typed(site_name="<script>alert(1)</script>"))
    for path in ("/", "/office/settings", "/login?stay=1"):
        page = admin.get(path).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page


def test_the_newest_row_holds_and_the_old_ones_stay(app):
    for hours in (3, 6, 3):
        write(settings.change, "offer_hours", hours, actor=SYSTEM, now=clock.now())
    assert settings.get("offer_hours") == 3
    assert [row.value for row in settings.history()] == [3, 6, 3]


def test_an_unknown_setting_is_a_fault_of_the_program(app):
    with pytest.raises(KeyError):
        settings.get("no_such_setting")
