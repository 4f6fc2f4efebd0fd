"""Hello and target in alternation; medians over the rounds."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median

from benchmarks import wrk
from benchmarks.prepare import Prepared
from benchmarks.rows import MOST, Row
from benchmarks.servers import Server
from benchmarks.writing import BATCH, PLACES, batches, rush
from benchmarks.wrk import Request, Round

HELLO = [Request("/")]
HELLO_SECONDS = 1


@dataclass(frozen=True, slots=True)
class Figures:
    """What a row came to, at one number of connections."""

    key: str
    title: str
    connections: int
    values: dict[str, float]
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Bench:
    """Everything a row needs to be measured."""

    portal: Server
    hello: Server
    prepared: Prepared
    rounds: int
    seconds: int

    def all_of(self, row: Row) -> list[Figures]:
        """Measure a row at each of its numbers of connections."""
        sample = row.requests(1)[0]
        answer = wrk.ask(self.portal.port, sample)
        if not row.fits(answer):
            where = answer.headers.get("location", "")
            fault = f"answers {answer.status} {where}, not {row.status} {row.location}".strip()
            return [Figures(row.key, row.title, row.connections[0], {}, [fault])]
        return [self._at(row, connections) for connections in row.connections]

    def _at(self, row: Row, connections: int) -> Figures:
        pairs: list[tuple[_Cost, _Cost]] = []
        most = 400 * self.seconds if row.is_scarce else MOST
        for _ in range(self.rounds):
            beside = self._cost(self.hello, HELLO, connections, HELLO_SECONDS)
            cost = self._cost(self.portal, row.requests(most), connections, self.seconds)
            pairs.append((beside, cost))
            if row.is_scarce:
                most = int(max(cost.round.requests for _, cost in pairs) * 1.5) + 50
        return Figures(row.key, row.title, connections, _medians(pairs), _faults(pairs))

    def _cost(
        self, server: Server, requests: Sequence[Request], connections: int, seconds: int
    ) -> _Cost:
        before = server.cpu_seconds()
        seen = wrk.run(server.url, requests, connections=connections, seconds=seconds)
        spent = server.cpu_seconds() - before
        return _Cost(seen, spent * 1e3 / max(1, seen.requests))

    def rushes(self) -> Figures:
        """Measure the rush; exactly the places are given away, always."""
        runs = [rush(self.prepared, self.portal.port) for _ in range(self.rounds)]
        faults = [f"{run.holding} hold {PLACES} places" for run in runs if run.holding != PLACES]
        faults += [f"{run.broken} answers were no 303" for run in runs if run.broken]
        values = {
            name: median(getattr(run, name) for run in runs)
            for name in ("wall_s", "p50_ms", "p99_ms")
        }
        return Figures("rush", "Rush: 200 people, 50 places, 50 wide", 50, values, faults)

    def desk_batches(self) -> Figures:
        """Measure a desk's batches; every scan of them is stored."""
        runs = [batches(self.prepared, self.portal.port) for _ in range(self.rounds)]
        faults = [f"{run.not_stored} scans not stored" for run in runs if run.not_stored]
        values = {name: median(getattr(run, name) for run in runs) for name in ("p50_ms", "p99_ms")}
        return Figures("desk-batch", f"Desk: a batch of {BATCH} scans", 1, values, faults)

    def memory(self, fresh: float) -> Figures:
        """Look at the larger worker after all it has done, and as it was when fresh."""
        values = {"memory_mib": max(self.portal.memory()), "fresh_mib": fresh}
        return Figures("memory", f"Memory of a worker (PSS), fresh {fresh:.0f} MiB", 0, values)


@dataclass(frozen=True, slots=True)
class _Cost:
    round: Round
    cpu_ms: float


def _medians(pairs: Sequence[tuple[_Cost, _Cost]]) -> dict[str, float]:
    def middle(of: Callable[[_Cost, _Cost], float]) -> float:
        return median(of(hello, cost) for hello, cost in pairs)

    return {
        "rate": middle(lambda _, cost: cost.round.rate),
        "hello_rate": middle(lambda hello, _: hello.round.rate),
        "ratio": middle(lambda hello, cost: cost.round.rate / hello.round.rate),
        "xcpu": middle(lambda hello, cost: cost.cpu_ms / max(hello.cpu_ms, 1e-3)),
        "cpu_ms": middle(lambda _, cost: cost.cpu_ms),
        "hello_cpu_ms": middle(lambda hello, _: hello.cpu_ms),
        "p50_ms": middle(lambda _, cost: cost.round.p50_ms),
        "p99_ms": middle(lambda _, cost: cost.round.p99_ms),
    }


def _faults(pairs: Sequence[tuple[_Cost, _Cost]]) -> list[str]:
    refused = sum(cost.round.refused for _, cost in pairs)
    broken = sum(cost.round.broken for _, cost in pairs)
    faults = [f"{refused} answers of 400 or more"] if refused else []
    return [*faults, f"{broken} without an answer"] if broken else faults


def say(figures: Figures) -> None:
    """Say on the terminal how far it is."""
    print(f"  {figures.key} at {figures.connections}: done", file=sys.stderr, flush=True)
