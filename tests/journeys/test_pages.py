"""The list of pages that the browser walks is complete."""

from __future__ import annotations

from portal import create_app
from tests.conftest import config_for
from tests.journeys.pages import NO_PAGES, SIGHTS


def test_no_page_is_forgotten():
    app = create_app(config_for("sqlite:///unused.db"))
    known = {sight.rule for sight in SIGHTS} | set(NO_PAGES)
    rules = {rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert rules - known == set()
    assert known - rules == {"/no-such-page"}
