"""The rows that read: what is asked for, and what has to come back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count, cycle, islice

from benchmarks.prepare import Prepared, Visitor
from benchmarks.wrk import Answer, Request, ask
from portal.core import clock

# More than wrk can send in a round, so that no rendered address comes twice.
MOST = 6000
READERS = 60
BOTH = (2, 16)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: makes the requests of a round, given how many it may take at most."""

    key: str
    title: str
    requests: Callable[[int], Sequence[Request]]
    status: int = 200
    # The answer's Location begins so; a sign-in page would be a redirect as well.
    location: str = ""
    connections: tuple[int, ...] = BOTH
    # Each request is good for once and costs preparation: ask for no more than will be used.
    is_scarce: bool = False

    def fits(self, answer: Answer) -> bool:
        """Return whether the answer is the one the row is about."""
        there = answer.headers.get("location", "").startswith(self.location)
        return answer.status == self.status and there


def reading(prepared: Prepared, port: int) -> list[Row]:
    """Return the rows that change nothing."""
    readers = cycle(prepared.residents(READERS))
    officer = prepared.officer()
    numbers = count()
    shows = [f"/activities/{public_id}" for public_id in prepared.coming_activities()]
    around_20, around_500 = _feed_of(port, 20), _feed_of(port, 500)

    def fresh(addresses: Sequence[str]) -> Callable[[int], Sequence[Request]]:
        """Ask for each address under a query nobody used before, so that it is rendered."""
        turns = cycle(addresses)
        return lambda most: [
            Request(f"{address}{'&' if '?' in address else '?'}v={next(numbers)}")
            for address in islice(turns, most)
        ]

    def as_reader(most: int) -> Sequence[Request]:
        return [_as(next(readers), address) for address in islice(cycle(shows), most)]

    def known(address: str) -> Callable[[int], Sequence[Request]]:
        """Ask whether the address still has the bytes it has now."""
        etag = ask(port, Request(address)).headers["etag"]
        return lambda _most: [Request(address, {"If-None-Match": etag})]

    def same(request: Request) -> Callable[[int], Sequence[Request]]:
        return lambda _most: [request]

    feed = f"{around_20.path} ({around_20.events} events)"
    large = f"{around_500.path} ({around_500.events} events)"
    return [
        Row("home", "Home, kept copy", same(Request("/"))),
        Row("list", "Activity list, kept copy", same(Request("/activities"))),
        Row("list-304", "Activity list, 304", known("/activities"), 304),
        Row("list-rendered", "Activity list, rendered", fresh(["/activities"])),
        Row("activity", f"Activity page, rendered ({len(shows)} in turn)", fresh(shows)),
        Row("activity-signed-in", "Activity page, signed in", as_reader),
        Row("feed", f"Feed, rendered: {feed}", fresh([around_20.path])),
        Row("feed-304", "Feed, 304", known(around_20.path), 304),
        Row("feed-500", f"Feed, rendered: {large}", fresh([around_500.path]), connections=(1,)),
        Row(
            "feed-whole", "Feed of everything, rendered", fresh(["/cal/all.ics"]), connections=(1,)
        ),
        Row("feed-whole-304", "Feed of everything, 304", known("/cal/all.ics"), 304),
        Row("figures", "Figures, campaign office", same(_as(officer, _year())), connections=(1,)),
        Row("static", "Style sheet", same(Request(_style_sheet(port)))),
    ]


def _as(visitor: Visitor, address: str) -> Request:
    return Request(address, {"Cookie": visitor.cookie})


def _year() -> str:
    today = clock.today()
    return f"/office/figures?from={today.replace(month=1, day=1)}&to={today}&by=month"


def _style_sheet(port: int) -> str:
    found = re.search(
        r'href="(/static/core/site\.[^"]+\.css)"', ask(port, Request("/")).body.decode()
    )
    if found is None:
        raise LookupError("no style sheet on the home page")
    return found.group(1)


@dataclass(frozen=True, slots=True)
class _Feed:
    path: str
    events: int


def _feed_of(port: int, wanted: int) -> _Feed:
    """Return the feed, of so many days up to the last shift, that has about so many events."""
    return min(_feeds(port, wanted), key=lambda feed: abs(feed.events - wanted))


def _feeds(port: int, wanted: int) -> Iterator[_Feed]:
    today = clock.today()
    for back in (0, *range(1, 30)):
        query: Mapping[str, str] = {"from": str(today - timedelta(days=back))}
        for ahead in (2, 4, 7, 180) if back == 0 else (180,):
            path = f"/cal/all.ics?from={query['from']}&to={today + timedelta(days=ahead)}"
            feed = _Feed(path, ask(port, Request(path)).body.count(b"BEGIN:VEVENT"))
            yield feed
            if feed.events >= wanted:
                break
        else:
            continue
        return
