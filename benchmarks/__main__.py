"""Loads the demo, serves portal and hello, drives both, prints the table.

Exit code 1 when a row breaks, or its median misses a goal by more than 30 %.
"""

from __future__ import annotations

import argparse
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import data, report, servers, wrk
from benchmarks.measure import Bench, Figures, say
from benchmarks.prepare import prepared
from benchmarks.rows import reading
from benchmarks.writing import writing

_TABLES = {
    "person": "persons",
    "shift": "shifts",
    "signup": "sign-ups",
    "ledger_entry": "service records",
}


def main() -> int:
    """Run what was asked for; return the exit code."""
    options = _options()
    if not wrk.is_there() or not Path("/proc/self/smaps_rollup").exists():
        print("The benchmark needs Linux and wrk (Debian: apt-get install wrk).", file=sys.stderr)
        return 1
    started, machine = time.monotonic(), report.machine(data.syncs_a_second())
    size = data.SMALL if options.small else data.FULL
    database = data.postgresql if options.database == "postgresql" else data.sqlite
    with database(size) as url:
        about = {
            "machine": machine,
            "server": options.server,
            "database": options.database,
            "data": f"{size}: {data.counts(url, _TABLES)}",
            "rounds": f"{options.rounds} of {options.seconds} s, hello before each",
        }
        print("\n".join(f"{name}: {words}" for name, words in about.items()), flush=True)
        results = _measure(url, options)
        print("check-data:", data.flask(url, "check-data"))
    print(f"\n{report.table(results)}\n\nTook {time.monotonic() - started:.0f} s.")
    if options.json:
        report.write_json(options.json, about, results)
    return int(any(report.failed(row) for row in results))


def _measure(url: str, options: argparse.Namespace) -> list[Figures]:
    results: list[Figures] = []

    def keep(found: list[Figures]) -> None:
        for figures in found:
            say(figures)
        results.extend(found)

    with ExitStack() as stack:
        logs = Path(stack.enter_context(TemporaryDirectory(prefix="logs-", dir=data.CACHE)))
        portal = stack.enter_context(servers.portal(url, options.server, logs / "portal"))
        hello = stack.enter_context(servers.hello(logs / "hello"))
        makers = stack.enter_context(prepared(url))
        bench = Bench(portal, hello, makers, options.rounds, options.seconds)
        wanted, fresh = options.row, max(portal.memory())
        for row in (*reading(makers, portal.port), *writing(makers)):
            if not wanted or row.key in wanted:
                keep(bench.all_of(row))
        if not wanted or "rush" in wanted:
            keep([bench.rushes()])
        if not wanted or "desk-batch" in wanted:
            keep([bench.desk_batches()])
        keep([bench.memory(fresh)])
    return results


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--small", action="store_true", help="2,000 people and 60 days")
    parser.add_argument("--server", choices=servers.SERVERS, default="gunicorn")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2, help="of each round")
    parser.add_argument("--row", action="append", help="only this row (may be repeated)")
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
