"""Search over everything a visitor may read.

Activities to come, posts, services, stations, teams, projects, wishes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, request, url_for
from flask.typing import ResponseReturnValue

from portal.activities import cards, listing
from portal.activities.queries import Filter
from portal.core import clock, grams
from portal.core.access import public
from portal.core.copies import cached
from portal.core.i18n import gettext as _
from portal.core.security import within
from portal.core.web import page
from portal.org import queries as org
from portal.posts import listing as posts
from portal.projects import queries as projects
from portal.services import queries_menu as services
from portal.services import words as service_words
from portal.teams import queries as teams
from portal.wishes import queries as wishes
from portal.wishes import words as wish_words

bp = Blueprint("search", __name__)
SHOWN = 6
SEARCHES_A_SECOND = 20


@dataclass(frozen=True, slots=True)
class Item:
    """Something that was found, in words."""

    href: str
    title: str
    about: str


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of one sort. `more` leads to the whole list when there is more of it."""

    key: str
    title: str
    items: Sequence[Item | cards.Card]
    more: str = ""


@bp.get("/search")
@public
def search() -> ResponseReturnValue:
    """Look for words, parts of words, pinyin or its initials, everywhere at once."""
    if request.args.get("q") and not within("search", SEARCHES_A_SECOND):
        abort(429)
    return cached(_search)


def _search() -> Response:
    asked = request.args.get("q", "").strip()[: grams.LONGEST_QUERY]
    has_words = bool(grams.runs(asked))
    found = [group for find in _SORTS if (group := find(asked)).items] if has_words else []
    return page("site/search.html", q=asked, has_words=has_words, groups=found)


def _activities(asked: str) -> Group:
    now = clock.now()
    found = listing.page_of_list(Filter(query=asked), 1, now)
    shown = cards.ready(found.rows[:SHOWN], now)
    return Group("activities", _("活动"), shown, _more("/activities", asked, found.total))


def _posts(asked: str) -> Group:
    found = posts.page_of_list(posts.read({"q": asked}), 1, clock.now())
    items = [Item(row.href, row.title, f"{row.venue} · {row.where}") for row in found.rows[:SHOWN]]
    return Group("posts", _("志愿服务岗"), items, _more("/posts", asked, found.total))


def _services(asked: str) -> Group:
    found = services.listed(services.Filter(words=asked), 1, clock.today())
    items = [
        Item(
            url_for("services.show", service=card.id),
            card.title,
            f"{card.category} · {card.station}",
        )
        for card in map(service_words.card, found.rows[:SHOWN])
    ]
    return Group("services", _("服务菜单"), items, _more("/services", asked, found.total))


def _stations(asked: str) -> Group:
    items = [
        Item(
            url_for("stations.show", station=row.public_id),
            row.name,
            " · ".join(part for part in (row.address, row.phone) if part),
        )
        for row in org.stations_found(asked, SHOWN)
    ]
    return Group("stations", _("站点"), items)


def _wishes(asked: str) -> Group:
    found = wishes.listed(wishes.Filter(words=asked), 1)
    items = [
        Item(url_for("wishes.show", wish=card.id), card.title, f"{card.about} · {card.state}")
        for card in wish_words.cards(found.rows[:SHOWN])
    ]
    return Group("wishes", _("微心愿"), items, _more("/wishes", asked, found.total))


def _teams(asked: str) -> Group:
    rows = teams.found(asked, SHOWN + 1)
    items = [
        Item(url_for("teams.show", team=row.public_id), row.name, row.station.name)
        for row in rows[:SHOWN]
    ]
    return Group("teams", _("队伍"), items, _more("/teams", asked, len(rows)))


def _projects(asked: str) -> Group:
    found = projects.listed(projects.Filter(words=asked), 1)
    items = [
        Item(
            url_for("projects.show", project=row.public_id),
            row.name,
            " · ".join(part for part in (row.slogan, row.station.name) if part),
        )
        for row in found.rows[:SHOWN]
    ]
    return Group("projects", _("项目和品牌"), items, _more("/projects", asked, found.total))


def _more(address: str, asked: str, total: int) -> str:
    return f"{address}?{urlencode({'q': asked})}" if total > SHOWN else ""


_SORTS: tuple[Callable[[str], Group], ...] = (
    _activities,
    _posts,
    _services,
    _stations,
    _teams,
    _projects,
    _wishes,
)
