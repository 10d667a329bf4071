"""The demo: New York flights of 2013 served month by month, watched and renewed by the product.

Nothing here decides anything: each month loads what would have arrived and runs the ordinary cycle.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from jobs.cycle import CycleReport, Deployment, create_missing_tables, run_cycle
from jobs.demo.flights import write_history, write_month
from jobs.errors import ConfigurationError
from jobs.paths import Paths
from jobs.report import write_report

MONITOR = "flight_delays"
LOG_BEGINS = date(2013, 4, 1)
LOG_ENDS = date(2014, 1, 1)
KNOWN = ("warehouse.", "artifacts", "report.html")
"""How the names begin of what the demo writes into its folder."""


@dataclass(frozen=True)
class Month:
    """What happened in a month, for one line of the table."""

    month: str
    rows: int
    serving: str
    frozen: str
    opened: int
    resolved: int
    decision: str
    live: str


def replay(
    project_dir: Path | None,
    profiles_dir: Path | None,
    target: str | None,
    folder: Path | None,
    say: Callable[[str], None],
) -> Path:
    """Run the whole year in a folder of its own, which is emptied first; returns the report."""
    found = Paths.find(project_dir, profiles_dir, target)
    home = (folder or found.warehouse.parent / "demo").resolve()
    empty(home)
    os.environ["DRIFTLINE_WAREHOUSE"] = str(home / "warehouse.duckdb")
    deployment = Deployment.of(Paths.find(project_dir, profiles_dir, target))
    started = time.monotonic()
    play(deployment, months(), say)
    output = home / "report.html"
    with deployment.warehouse(read_only=True) as warehouse:
        write_report(warehouse, output)
    say(f"\n{time.monotonic() - started:.0f} seconds")
    say(f"warehouse  {deployment.paths.warehouse}")
    say(f"published  {deployment.paths.published}")
    say(f"report     {output}")
    return output


def _quiet(_: str) -> None:
    """The replay prints one line a month, not every step."""


def play(
    deployment: Deployment,
    spans: Iterable[tuple[date, date]],
    say: Callable[[str], None],
    tell_step: Callable[[str], None] = _quiet,
) -> None:
    """Train the first model, then serve each span (first day, day after the last) in one cycle.

    The same on every engine; one line a span, and each step of a cycle to `tell_step`.
    """
    create_missing_tables(deployment)
    with deployment.warehouse() as warehouse:
        rows = write_history(warehouse, LOG_BEGINS)
    say(f"{rows:,} flights of January to March are the history of the first model")
    first = run_cycle(deployment, LOG_BEGINS - timedelta(days=1), tell_step)
    say(f"first model: {first.outcome.get(MONITOR, first.decisions.get(MONITOR))}\n")
    say(HEADER)
    for start, end in spans:
        with deployment.warehouse() as warehouse:
            written = write_month(warehouse, start, end)
        report = run_cycle(deployment, end - timedelta(days=1), tell_step)
        month = _summary(deployment, start, end, written.requests, report)
        say(_line(month))
        for line in _decision(report):
            say(line)


HEADER = (
    f"{'month':8}{'rows':>8}  {'AUC serving':22}{'AUC frozen v1':22}"
    f"{'alerts +/-':12}{'decision':10}live next"
)


def _line(month: Month) -> str:
    return (
        f"{month.month:8}{month.rows:>8,}  {month.serving:22}{month.frozen:22}"
        f"{f'{month.opened} / {month.resolved}':12}{month.decision:10}{month.live}"
    )


def _decision(report: CycleReport) -> Iterator[str]:
    """Why, indented under the month's line."""
    decision = report.decisions.get(MONITOR)
    if decision:
        yield f"{'':10}{decision['reason']}"
    if MONITOR in report.outcome:
        yield f"{'':10}{report.outcome[MONITOR]}"


def _summary(
    deployment: Deployment, start: date, end: date, rows: int, report: CycleReport
) -> Month:
    last = end - timedelta(days=1)
    with deployment.warehouse(read_only=True) as warehouse:
        auc = {
            version: f"{value:.3f} ({lower:.3f} - {upper:.3f})"
            for version, value, lower, upper in warehouse.frame(
                """
                select model_version, metric_value, lower_bound, upper_bound
                from driftline.performance
                where monitor = ? and metric_name = 'roc_auc' and metric_date = ?
                    and window_days = 30 and segment_name = 'overall' and reference = 'rolling'
                """,
                [MONITOR, last],
            ).iter_rows()
        }
        first = warehouse.frame(
            "select model_version from driftline.deployments "
            "where monitor = ? and action = 'initial' order by deployment_id limit 1",
            [MONITOR],
        ).item(0, 0)
        opened, resolved = warehouse.frame(
            """
            select
                count(*) filter (where opened_on between ? and ?),
                count(*) filter (where resolved_on between ? and ?)
            from driftline.alerts where monitor = ?
            """,
            [start, last, start, last, MONITOR],
        ).row(0)
    return Month(
        month=f"{last:%Y-%m}",
        rows=rows,
        serving=auc.get("serving", "no labels"),
        frozen=auc.get(first, "no labels"),
        opened=opened,
        resolved=resolved,
        decision=report.decisions[MONITOR]["decision"],
        live=str(report.live[MONITOR]),
    )


def months() -> Iterator[tuple[date, date]]:
    """The first day of each month of the log and the day after its last."""
    start = LOG_BEGINS
    while start < LOG_ENDS:
        end = (start.replace(day=28) + timedelta(days=4)).replace(day=1)
        yield start, end
        start = end


def empty(home: Path, known: tuple[str, ...] = KNOWN) -> None:
    """Remove what an earlier demo left; a folder with anything else in it is refused."""
    if home.exists():
        foreign = [one.name for one in home.iterdir() if not one.name.startswith(known)]
        if foreign:
            raise ConfigurationError(
                f"--folder {home}: found {', '.join(sorted(foreign))}; expected a new folder or "
                "one that only an earlier demo wrote, because the demo empties it"
            )
        shutil.rmtree(home)
    home.mkdir(parents=True)
