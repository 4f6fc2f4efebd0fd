"""What each row has to reach, and what bounds it."""

from __future__ import annotations

from dataclasses import dataclass

# The machine is shared and swings: a row fails only when its median misses by more than this.
SLACK = 0.30


@dataclass(frozen=True, slots=True)
class Goal:
    """One figure of a row at a number of connections; at least or at most so much."""

    measure: str
    value: float
    at_least: bool
    connections: int = 16

    def is_met(self, value: float) -> bool:
        """Return whether the value reaches the goal."""
        return value >= self.value if self.at_least else value <= self.value

    def is_near(self, value: float) -> bool:
        """Return whether the value misses the goal by no more than the slack."""
        if self.at_least:
            return value >= self.value * (1 - SLACK)
        return value <= self.value * (1 + SLACK)

    def __str__(self) -> str:
        return f"{_WORDS[self.measure]} {'≥' if self.at_least else '≤'} {self.value:g}"


_WORDS = {
    "ratio": "ratio",
    "xcpu": "xCPU",
    "p50_ms": "p50 ms",
    "p99_ms": "p99 ms",
    "wall_s": "wall s",
    "memory_mib": "MiB",
}


def at_least(measure: str, value: float, connections: int = 16) -> Goal:
    """Return the goal that the measure is at least so much."""
    return Goal(measure, value, at_least=True, connections=connections)


def at_most(measure: str, value: float, connections: int = 16) -> Goal:
    """Return the goal that the measure is at most so much."""
    return Goal(measure, value, at_least=False, connections=connections)


_CACHED = (at_least("ratio", 0.50), at_most("xcpu", 2))

# Row -> its goals; a row that is not here is shown for what it is.
GOALS: dict[str, tuple[Goal, ...]] = {
    "home": _CACHED,
    "list": _CACHED,
    "list-304": _CACHED,
    "list-rendered": (at_least("ratio", 0.15), at_most("xcpu", 7)),
    "activity": (at_least("ratio", 0.15),),
    "activity-signed-in": (at_least("ratio", 0.10),),
    "feed": (at_least("ratio", 0.25),),
    "feed-304": (at_least("ratio", 0.50),),
    "feed-500": (at_most("p50_ms", 15, connections=1),),
    "figures": (at_most("p50_ms", 20, connections=1),),
    "sign-up": (at_least("ratio", 0.09),),
    "rush": (at_most("wall_s", 1.0, connections=50), at_most("p99_ms", 300, connections=50)),
    "check-in": (at_least("ratio", 0.12), at_most("p99_ms", 25, connections=2)),
    "desk-batch": (at_most("p99_ms", 300, connections=1),),
    "memory": (at_most("memory_mib", 70, connections=0),),
}

BOUNDS: dict[str, str] = {
    "home": "Flask's own way through a request, the data version's query, headers and log line",
    "list": "as the home page",
    "list-304": "as the home page, without the body",
    "list-rendered": "the template: twenty cards and the four filters; then the statements",
    "activity": "the template; then loading the activity with its shifts and places",
    "activity-signed-in": "as above, and the sign-in, its roles, the forms and their tokens",
    "feed": "the query and the lines of each event",
    "feed-304": "as the home page",
    "feed-500": "the lines of each event: folding and escaping",
    "feed-whole": "as above, for every shift of the window",
    "figures": "the roll-up's rows of the span and the table's cells",
    "sign-up": "the statements of one transaction under the lock of one writer, and its sync",
    "rush": "the lock of one writer: 200 transactions one after another",
    "check-in": "as the sign-up: scan, visit and sign-up in one transaction",
    "desk-batch": "fifty check-ins in one transaction, each in a savepoint of its own",
    "sign-in": "argon2id, slow by design (19 MiB, two passes)",
    "static": "whitenoise before Flask is reached",
    "memory": "the page cache of each connection, the kept copies, then the interpreter",
}
