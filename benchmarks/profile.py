"""One page in process: milliseconds of the processor, statements, and where the time goes.

`python -m benchmarks.profile list|page|me-page|home|feed|figures|signup|checkin [--full] [-n N]`
"""

from __future__ import annotations

import argparse
import cProfile
import logging
import pstats
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import count, cycle, islice
from statistics import median

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event

from benchmarks import data
from benchmarks.hello import app as hello
from benchmarks.prepare import Prepared, prepared
from benchmarks.wrk import Request
from portal.core import clock
from portal.core.db import db

WARM = 10
_numbers = count()


def _fresh(paths: Sequence[str]) -> Callable[[Prepared, int], list[Request]]:
    def make(_prepared: Prepared, number: int) -> list[Request]:
        return [
            Request(f"{path}{'&' if '?' in path else '?'}v={next(_numbers)}")
            for path in islice(cycle(paths), number)
        ]

    return make


def _pages(prepared: Prepared, number: int) -> list[Request]:
    paths = [f"/activities/{one}" for one in prepared.coming_activities()]
    return _fresh(paths)(prepared, number)


def _signed_in_pages(prepared: Prepared, number: int) -> list[Request]:
    cookie = prepared.residents(1)[0].cookie
    return [Request(one.path, {"Cookie": cookie}) for one in _pages(prepared, number)]


def _figures(prepared: Prepared, number: int) -> list[Request]:
    today = clock.today()
    path = f"/office/figures?from={today.replace(month=1, day=1)}&to={today}&by=month"
    return [Request(path, {"Cookie": prepared.officer().cookie})] * number


def _sign_ups(prepared: Prepared, number: int) -> list[Request]:
    address = f"/shifts/{prepared.evening(50).public_id}/signup"
    return [
        Request(address, {"Cookie": one.cookie}, {"csrf_token": one.csrf_token, "role": "attendee"})
        for one in prepared.residents(number)
    ]


def _check_ins(prepared: Prepared, number: int) -> list[Request]:
    return [
        Request(f"/check-in/{code}", {"Cookie": one.cookie}, {"csrf_token": one.csrf_token})
        for one, code in prepared.expected(number)
    ]


WHAT: dict[str, Callable[[Prepared, int], list[Request]]] = {
    "home": _fresh(["/"]),
    "kept": lambda _prepared, number: [Request("/activities")] * number,
    "list": _fresh(["/activities"]),
    "page": _pages,
    "me-page": _signed_in_pages,
    "feed": _fresh(
        [
            "/cal/all.ics?from="
            + str(clock.today())
            + "&to="
            + str(clock.today() + timedelta(days=2))
        ]
    ),
    "figures": _figures,
    "signup": _sign_ups,
    "checkin": _check_ins,
}


def main() -> None:
    """Measure, count and profile what was asked for."""
    options = _options()
    size = data.FULL if options.full else data.SMALL
    with data.sqlite(size) as url:
        with prepared(url) as makers:
            # The log line is a part of the request, its output is not wanted here.
            logging.getLogger("portal").handlers[:] = [logging.NullHandler()]
            requests = WHAT[options.what](makers, options.number * 2 + WARM)
            engine = db.engine
        # Outside of that context, so that each request has its own `g`.
        profile = _watch(makers.app, engine, requests, options)
    pstats.Stats(profile).sort_stats(options.sort).print_stats(options.lines)


def _watch(
    app: Flask, engine: Engine, requests: Sequence[Request], options: argparse.Namespace
) -> cProfile.Profile:
    _times(app, requests[:WARM])
    # The best of many is what the others on the machine disturb least.
    beside = min(_times(hello, [Request("/")] * 500))
    times = _times(app, requests[WARM:][: options.number])
    print(
        f"{options.what}: {min(times):.2f} CPU ms a request (median {median(times):.2f}), ", end=""
    )
    print(f"{min(times) / beside:.0f} × hello ({beside * 1e3:.0f} µs)")
    watched = requests[-options.number :]
    with _counting(engine) as statements:
        _times(app, watched[:1])
    print(f"{sum(statements.values())} statements:")
    for statement, times_sent in statements.items():
        print(f"  {times_sent} × {' '.join(statement.split())[: options.width]}")
    profile = cProfile.Profile(time.process_time)
    profile.enable()
    _times(app, watched[1:])
    profile.disable()
    return profile


def _times(app: Flask, requests: Sequence[Request]) -> list[float]:
    client = app.test_client(use_cookies=False)
    return [_one(client, request) for request in requests]


def _one(client: FlaskClient, request: Request) -> float:
    started = time.process_time()
    method = "GET" if request.fields is None else "POST"
    answer = client.open(request.path, method=method, headers=request.headers, data=request.fields)
    answer.get_data()
    if answer.status_code >= 400:
        raise SystemExit(f"{request.path}: {answer.status_code}")
    return (time.process_time() - started) * 1e3


@contextmanager
def _counting(engine: Engine) -> Iterator[Counter[str]]:
    seen: Counter[str] = Counter()

    def see(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen[statement] += 1

    event.listen(engine, "before_cursor_execute", see)
    yield seen
    event.remove(engine, "before_cursor_execute", see)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.profile", description=__doc__)
    parser.add_argument("what", choices=WHAT)
    parser.add_argument("-n", "--number", type=int, default=100, help="requests")
    parser.add_argument("--full", action="store_true", help="20,000 people and 365 days")
    parser.add_argument("--lines", type=int, default=25)
    parser.add_argument("--width", type=int, default=160, help="of a printed statement")
    parser.add_argument("--sort", default="cumulative")
    return parser.parse_args()


if __name__ == "__main__":
    main()
