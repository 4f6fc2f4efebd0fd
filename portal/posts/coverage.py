"""Post cover, week by week: what the office reads, and what a figure of it would be counted from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from portal.core import filters
from portal.core.i18n import gettext as _
from portal.core.tables import Page
from portal.org.models import Station
from portal.posts import queries, queries_rota
from portal.posts.models import ServicePost
from portal.posts.rota import Tally

WEEKS = 6
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Head:
    """The heading of a week, and whether it has begun: before that nobody can have come."""

    text: str
    has_begun: bool


@dataclass(frozen=True, slots=True)
class Covered:
    """A post, and its tally in each of the weeks."""

    post: ServicePost
    weeks: Sequence[Tally]


@dataclass(frozen=True, slots=True)
class Shown:
    """A page of posts with the headings of the weeks and the sum of the page."""

    weeks: Sequence[Head]
    page: Page[Covered]
    total: Sequence[Tally]


def page_of(
    station: Station | None, station_ids: Sequence[int], first: date, *, number: int, today: date
) -> Shown:
    """Return a page of published posts, at a station and below it or at all of these stations."""
    found = queries.published_page(station, station_ids, number)
    post_ids = [post.id for post in found.rows]
    last = first + WEEK * WEEKS - timedelta(days=1)
    tallies: dict[tuple[int, int], Tally] = defaultdict(Tally)
    for row in queries_rota.coverage(post_ids, first, last):
        key = row.post_id, (row.day - first).days // 7
        tallies[key] = tallies[key].plus(Tally(row.planned, row.taken, row.attended))
    rows = [Covered(post, [tallies[post.id, week] for week in range(WEEKS)]) for post in found.rows]
    total = [_sum([row.weeks[week] for row in rows]) for week in range(WEEKS)]
    heads = [_head(first + WEEK * week, today) for week in range(WEEKS)]
    return Shown(heads, Page(rows, found.number, found.total), total)


def _sum(tallies: Sequence[Tally]) -> Tally:
    total = Tally()
    for one in tallies:
        total = total.plus(one)
    return total


def _head(start: date, today: date) -> Head:
    end = start + timedelta(days=6)
    text = _("%(first)s 到 %(last)s", first=filters.short_day(start), last=filters.short_day(end))
    return Head(text, start <= today)
