"""The command line of the benchmarks: `python -m benchmarks --help`."""

import argparse
import json
import signal
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from benchmarks.deployment import ROOT
from benchmarks.machine import machine
from benchmarks.report import render, write_document
from benchmarks.scenarios import SCENARIOS
from benchmarks.session import Options, Session, save
from benchmarks.shape import parse_rows

PEERS = ("polars", "nannyml", "whylogs", "evidently")
CACHE = ROOT / "build" / "benchmarks"
DOCUMENT = ROOT / "docs" / "benchmarks.md"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what was asked for, keep the results, print and write the tables."""
    flags = _parser().parse_args(arguments)
    results = flags.cache / "results.json"
    complete = flags.render or _measure(flags, results)
    if not results.exists():
        print(f"benchmarks: found no results in {flags.cache}; measure first", file=sys.stderr)
        return 2
    content = json.loads(results.read_text())
    tables = render(content["machine"], content["records"], nodes=flags.nodes)
    print(f"\n{tables}")
    if flags.doc:
        write_document(flags.doc, render(content["machine"], content["records"]))
    return 0 if complete else 1


def _measure(flags: argparse.Namespace, results: Path) -> bool:
    """Run the scenarios and keep their records; returns whether all but peers could be measured.

    When it is told to end, it ends the child too and removes the big files.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    session = Session(_options(flags))
    complete = True
    try:
        for name in flags.only:
            try:
                SCENARIOS[name](session)
            except RuntimeError as error:
                complete = False
                print(f"benchmarks: {name} stopped: {error}", file=sys.stderr, flush=True)
    finally:
        session.clean()
        if session.records:
            save(results, machine(flags.memory_limit), session.records)
    failed = [record for record in session.records if record["error"]]
    return complete and all(record["case"] in PEERS for record in failed)


def _options(flags: argparse.Namespace) -> Options:
    return Options(
        cache=flags.cache,
        rows=tuple(flags.rows),
        days=flags.days,
        peer_rows=flags.peer_rows,
        peer_days=flags.peer_days,
        day_rows=flags.day_rows,
        histories=tuple(flags.histories),
        repeats=flags.repeats,
        big_repeats=flags.big_repeats,
        slow_peers=flags.slow_peer_repeats,
        peers=tuple(flags.peers),
        big=flags.big,
        seed=flags.seed,
        memory_limit=flags.memory_limit,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    add = parser.add_argument
    add("--only", type=_names(SCENARIOS), default=tuple(SCENARIOS), help="full_refresh,new_day,...")
    add("--rows", type=parse_rows, nargs="+", default=[10**6, 10**7, 5 * 10**7],
        help="sizes of full_refresh (default 1m 10m 50m)")  # fmt: skip
    add("--days", type=int, default=90, help="days of full_refresh (default 90)")
    add("--day-rows", type=parse_rows, default=111_000, help="rows a day of new_day (default 111k)")
    add("--histories", type=int, nargs="+", default=[30, 90, 365], help="days of new_day")
    add("--peer-rows", type=parse_rows, default=10**6, help="rows of peers (default 1m)")
    add("--peer-days", type=int, default=30, help="days of peers (default 30)")
    add("--peers", type=_names(PEERS), default=PEERS, help="polars,nannyml,whylogs,evidently")
    add("--repeats", type=int, default=3, help="runs of every case (default 3)")
    add("--big", type=parse_rows, default=2 * 10**7, help="rows from which --big-repeats holds")
    add("--big-repeats", type=int, default=1, help="runs of every case of big logs (default 1)")
    add("--slow-peer-repeats", type=int, default=1, help="runs of peers but polars (default 1)")
    add("--memory-limit", default="6GB", help="DuckDB's memory_limit everywhere (default 6GB)")
    add("--seed", type=int, default=7, help="of the order of runs (default 7)")
    add("--cache", type=_folder, default=CACHE, help="environments, results, temporary files")
    add("--doc", type=_folder, default=DOCUMENT, help="the document to write the tables into")
    add("--no-doc", dest="doc", action="store_const", const=None, help="print the tables only")
    add("--render", action="store_true", help="measure nothing, write the tables again")
    add("--nodes", action="store_true", help="print the costliest models too")
    return parser


def _names(allowed: Iterable[str]) -> Callable[[str], tuple[str, ...]]:
    """Return a parser of comma-separated names."""

    def parse(text: str) -> tuple[str, ...]:
        names = tuple(text.split(","))
        unknown = set(names) - set(allowed)
        if unknown:
            raise argparse.ArgumentTypeError(
                f"found {', '.join(sorted(unknown))}; expected some of {', '.join(allowed)}"
            )
        return names

    return parse


def _folder(text: str) -> Path:
    return Path(text).resolve()
