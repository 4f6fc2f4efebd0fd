"""The rows that write: sign-ups, check-ins, sign-ins, and the rush."""

from __future__ import annotations

import json
import socket
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import quantiles
from threading import Barrier

from benchmarks.prepare import PASSWORD, Meeting, Prepared
from benchmarks.rows import Row
from benchmarks.wrk import Request, ask, read_answer
from portal.core import clock

PLACES = 50
RUSH_PEOPLE = 200
RUSH_WIDE = 50
# What a desk's phone sends at once, and how often it does in one go.
BATCH = 50
BATCHES = 10


def writing(prepared: Prepared) -> list[Row]:
    """Return the rows of which each request is a transaction."""
    browser = prepared.visitor()

    def sign_ups(most: int) -> Sequence[Request]:
        return _sign_ups(prepared, most)[1]

    def check_ins(most: int) -> Sequence[Request]:
        return [
            Request(
                f"/check-in/{code}",
                {"Cookie": one.cookie, "Sec-Fetch-Site": "same-origin"},
                {"csrf_token": one.csrf_token},
            )
            for one, code in prepared.expected(most)
        ]

    def logins(most: int) -> Sequence[Request]:
        return [
            Request(
                "/login",
                {"Cookie": browser.cookie, "Sec-Fetch-Site": "same-origin"},
                {"csrf_token": browser.csrf_token, "phone": one.phone, "password": PASSWORD},
            )
            for one in prepared.residents(most)
        ]

    return [
        Row("sign-up", f"Sign-up, {PLACES} places", sign_ups, 303, "/activities/", is_scarce=True),
        Row("check-in", "Check-in by code", check_ins, 303, "/check-in/done/", is_scarce=True),
        Row("sign-in", "Sign-in", logins, 303, "/", connections=(16,), is_scarce=True),
    ]


@dataclass(frozen=True, slots=True)
class Rush:
    """How one rush went."""

    wall_s: float
    p50_ms: float
    p99_ms: float
    holding: int
    broken: int


def rush(prepared: Prepared, port: int) -> Rush:
    """Let 200 people ask for 50 places, 50 at a time; every answer is a page, none an error."""
    meeting, requests = _sign_ups(prepared, RUSH_PEOPLE)
    barrier = Barrier(RUSH_WIDE + 1)
    with ThreadPoolExecutor(RUSH_WIDE) as pool:
        lines = [
            pool.submit(_line, port, requests[number::RUSH_WIDE], barrier)
            for number in range(RUSH_WIDE)
        ]
        barrier.wait()
        started = time.perf_counter()
        answers = [answer for line in lines for answer in line.result()]
        wall = time.perf_counter() - started
    times = [seconds * 1e3 for _, seconds in answers]
    cuts = quantiles(times, n=100)
    broken = sum(status != 303 for status, _ in answers)
    return Rush(wall, cuts[49], cuts[98], prepared.holding(meeting), broken)


@dataclass(frozen=True, slots=True)
class Batches:
    """How some batches of a desk's scans went, one after another."""

    p50_ms: float
    p99_ms: float
    not_stored: int


def batches(prepared: Prepared, port: int) -> Batches:
    """Let a desk send the arrivals of 50 people at once, of a new shift each time."""
    times, stored = [], 0
    for request in [_batch(prepared) for _ in range(BATCHES)]:
        started = time.perf_counter()
        answer = ask(port, request)
        times.append((time.perf_counter() - started) * 1e3)
        results = json.loads(answer.body)["results"] if answer.status == 200 else []
        stored += sum(result["verdict"] == "stored" for result in results)
    cuts = quantiles(times, n=100, method="inclusive")
    return Batches(cuts[49], cuts[98], BATCH * BATCHES - stored)


def _batch(prepared: Prepared) -> Request:
    meeting, signups = prepared.roster(BATCH)
    manager, at = prepared.manager(), clock.now().isoformat()
    scans = [
        {
            "scan_id": str(uuid.uuid4()),
            "signup_id": signup,
            "direction": "in",
            "occurred_at": at,
            "entry": "manual",
        }
        for signup in signups
    ]
    headers = {
        "Cookie": manager.cookie,
        "Sec-Fetch-Site": "same-origin",
        "X-CSRFToken": manager.csrf_token,
    }
    return Request(f"/desk/shifts/{meeting.public_id}/scans", headers, json={"scans": scans})


def _sign_ups(prepared: Prepared, number: int) -> tuple[Meeting, list[Request]]:
    meeting = prepared.evening(PLACES)
    return meeting, [
        Request(
            f"/shifts/{meeting.public_id}/signup",
            {"Cookie": one.cookie, "Sec-Fetch-Site": "same-origin"},
            {"csrf_token": one.csrf_token, "role": "attendee"},
        )
        for one in prepared.residents(number)
    ]


def _line(port: int, requests: Sequence[Request], barrier: Barrier) -> list[tuple[int, float]]:
    """Send the requests one after another over one connection; return status and seconds of each."""
    found = []
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        raws = [request.raw().encode() for request in requests]
        barrier.wait()
        for raw in raws:
            started = time.perf_counter()
            line.sendall(raw)
            status = _whole_answer(line)
            found.append((status, time.perf_counter() - started))
    return found


def _whole_answer(line: socket.socket) -> int:
    """Read one answer with a Content-Length to its end and return its status."""
    raw = b""
    while b"\r\n\r\n" not in raw:
        raw += _some(line)
    answer = read_answer(raw)
    missing = int(answer.headers.get("content-length", "0")) - len(answer.body)
    while missing > 0:
        missing -= len(_some(line))
    return answer.status


def _some(line: socket.socket) -> bytes:
    data = line.recv(65536)
    if not data:
        raise ConnectionError("the server hung up")
    return data
