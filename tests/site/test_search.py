"""Search over everything: what is found, what is not anybody's business, what is asked of the database."""

from portal.activities import actions as activities
from portal.core import clock
from portal.core.access import SYSTEM
from portal.core.db import db, write
from portal.core.ref import Ref
from portal.org import hooks as org_hooks
from portal.projects import actions as projects
from portal.records import hooks, search
from portal.shifts.models import OfferingState
from portal.wishes import hooks as wish_hooks
from portal.wishes.actions_desk import PublicWords
from tests.posts.given import published as post_published
from tests.projects.test_projects import a_project
from tests.services.given import offered
from tests.support.queries import count_queries
from tests.teams.given import a_team
from tests.wishes.given import published


def plan(make, station, title, **changes):
    """Make an activity with a shift, and index it as saving it does."""
    activity = make.activity(station, title=title, **changes)
    make.shift(activity=activity)
    write(activities.index, activity.id)


def groups(text):
    return [
        key
        for key in ("activities", "posts", "services", "stations", "teams", "projects", "wishes")
        if f'id="found-{key}"' in text
    ]


def test_activities_stations_and_wishes_are_found_by_one_word(make, browser):
    station = make.station("书法社区实践站")
    plan(make, station, "书法班")
    published(station, words=PublicWords("一位老人", "想要一支书法毛笔"))
    page = browser.get("/search?q=书法").text
    assert groups(page) == ["activities", "stations", "wishes"]
    for words in ("书法班", "书法社区实践站", "想要一支书法毛笔"):
        assert words in page


def test_posts_services_teams_and_projects_are_found_too(make, browser):
    station = make.station("一号实践站")
    post, service = post_published(station), offered(station)
    team, project = a_team(station, "金牌帮帮团"), a_project(station, "微孝扶老")
    for title, group in (
        (post.title, "posts"),
        (service.title, "services"),
        (team.name, "teams"),
        (project.name, "projects"),
        (project.slogan, "projects"),
    ):
        page = browser.get(f"/search?q={title}").text
        assert group in groups(page)
        assert title in page.partition("</form>")[2]
    write(projects.close, project.id, actor=SYSTEM, now=clock.now())
    assert "projects" not in groups(browser.get("/search?q=微孝&anew=1").text)


def test_a_wish_that_is_in_no_index_comes_back(make, browser):
    wish = published(make.station(), words=PublicWords("一位老人", "想要一支书法毛笔"))
    write(search.drop, Ref("wish", wish.id))
    assert groups(browser.get("/search?q=书法").text) == []
    wish_hooks.due(clock.now())
    assert groups(browser.get("/search?q=书法&anew=1").text) == ["wishes"]


def test_pinyin_and_initials_find_it_after_a_round(make, browser):
    plan(make, make.station("向阳社区实践站"), "书法班")
    hooks.due(clock.now())
    for words in ("shufa", "sf", "xiangyang"):
        assert groups(browser.get(f"/search?q={words}").text) != []


def test_nothing_asked_and_nothing_found(browser, make):
    make.station()
    assert "没有找到" not in browser.get("/search").text
    for words in ("没有这样的词", "%", "_", "<script>", "=SUM(X)", "字" * 3000):
        response = browser.get("/search", query_string={"q": words})
        assert response.status_code == 200
        assert "没有找到" in response.text
        assert ("请写汉字" in response.text) is (words in {"%", "_"})
        assert groups(response.text) == []


def test_drafts_and_closed_stations_are_nobodys_business(make, browser):
    station = make.station("书法社区实践站")
    plan(make, station, "书法班", state=OfferingState.DRAFT)
    station.closed_at = clock.now()
    db.session.commit()
    assert groups(browser.get("/search?q=书法").text) == []


def test_a_station_that_is_in_no_index_comes_back(make, browser):
    station = make.station("书法社区实践站")
    write(search.drop, Ref("station", station.id))
    assert groups(browser.get("/search?q=书法").text) == []
    org_hooks.due(clock.now())
    assert groups(browser.get("/search?q=书法&anew=1").text) == ["stations"]


def test_many_results_lead_to_the_whole_list_under_one_count_of_statements(make, browser):
    station = make.station("一号实践站")
    plan(make, station, "书法班 1")
    with count_queries() as few:
        browser.get("/search?q=书法")
    for number in range(2, 31):
        plan(make, station, f"书法班 {number}")
    with count_queries() as many:
        page = browser.get("/search?q=书法").text
    assert len(many) == len(few)
    assert page.count("#shift-") == 6
    assert "/activities?q=%E4%B9%A6%E6%B3%95" in page
