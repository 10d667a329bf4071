"""How often the stated 95 % intervals of metrics hold the long-run value.

One build watches all replicates of all processes: a replicate is a value of a segment. Windows of
seven days that do not overlap are judged, after the four weeks that variation is learned from.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from tests.simulation.processes import FIRST_DAY, Process, Simulated
from tests.warehouse.project import Project

PROCESSES = (
    Process("independent"),
    Process("day_effects", effect_on_score=0.3, effect_on_label=0.3),
    Process("rare", intercept=-3.0),
    Process("rare_day_effects", effect_on_score=0.3, effect_on_label=0.3, intercept=-3.0),
)
# Days move scores by nearly as much as rows differ: bins at either end have their rows on few days.
MOVING_SCORES = Process("moving_scores", effect_on_score=1.0, effect_on_label=0.3)
WEEKS_BEFORE, WEEKS = 5, 8
DAYS = 7 * (WEEKS_BEFORE + WEEKS)
STATED = (0.93, 0.97)
BOUNDS = """
select metric_name, lower_bound, upper_bound, design_effect, has_both_classes
from driftline_internal.int_metric_window
where
    monitor = $monitor
    and segment_name = 'replicate'
    and model_version = 'v1'
    and window_days = 7
    and date_diff('day', $first_day, metric_date) % 7 = 6
    and metric_date >= $first_judged
"""
# Bins as docs/statistics.md cuts them, with the mean of the rates their rows have in the long run;
# those in which five of each outcome are expected.
BINS = """
with

cells as (
    select
        replicate,
        date_diff('day', $first_day, predicted_at) // 7 as week,
        greatest(least(floor(10 * logit), 99), -100) as cell,
        count(*) as cell_rows,
        sum(rate) as rate_sum,
        sum(count(*)) over through - count(*) as rows_before,
        sum(count(*)) over (partition by replicate, week) as all_rows
    from serving.{table}
    group by replicate, week, cell
    window through as (partition by replicate, week order by cell)
),

expected as (
    select
        replicate,
        week,
        1 + floor((10 * rows_before + 5 * cell_rows) / all_rows) as bin_id,
        sum(cell_rows) as bin_rows,
        sum(rate_sum) / sum(cell_rows) as long_run
    from cells
    group by replicate, week, bin_id
)

select
    'calibration_bin' as metric_name,
    expected.long_run,
    bins.lower_bound,
    bins.upper_bound,
    bins.design_effect
from driftline.calibration as bins
inner join expected
    on
        bins.segment_value = expected.replicate
        and date_diff('day', $first_day, bins.metric_date) = 7 * expected.week + 6
        and bins.bin_id = expected.bin_id
        and bins.row_count = expected.bin_rows
where
    bins.monitor = $monitor
    and bins.segment_name = 'replicate'
    and bins.model_version = 'v1'
    and bins.window_days = 7
    and bins.metric_date >= $first_judged
    and least(expected.long_run, 1 - expected.long_run) * expected.bin_rows >= 5
"""


@dataclass(frozen=True)
class Case:
    """Weeks of one process with so many rows each, all in one monitor."""

    process: Simulated
    rows_a_week: int
    replicates: int

    @property
    def name(self) -> str:
        return f"{self.process.name}_{self.rows_a_week}"


def build(
    folder: Path,
    cases: Sequence[Case],
    days: int,
    select: str,
    watched: Callable[[Case], dict[str, Any]] = lambda case: case.process.monitor(case.name),
) -> Project:
    """Build a project on so many days of each case, which is a monitor of its own."""
    nothing = pl.DataFrame({"row_id": [0]})
    monitors = {case.name: watched(case) for case in cases}
    project = Project.create(folder, monitors, dict.fromkeys(monitors, nothing))
    with duckdb.connect(str(project.paths.warehouse)) as connection:
        for case in cases:
            rows_a_day = round(case.rows_a_week / 7)
            case.process.write(connection, case.name, case.replicates, days, rows_a_day)
    project.build(FIRST_DAY + timedelta(days=days - 1), select=[select])
    return project


def coverage(folder: Path, cases: Sequence[Case]) -> pl.DataFrame:
    """Return one row per process, size and metric: how many windows are judged (30 rows of each
    class), the share of them whose interval holds the long-run value, lies below and above it, and
    the mean design effect. Of binary processes the intervals of calibration bins too."""
    project = build(folder, cases, DAYS, "+calibration_summary")
    with duckdb.connect(str(project.paths.warehouse), read_only=True) as connection:
        return pl.concat([_judged(case, connection) for case in cases])


def _judged(case: Case, connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    values = {
        "monitor": case.name,
        "first_day": FIRST_DAY,
        "first_judged": FIRST_DAY + timedelta(days=7 * WEEKS_BEFORE),
    }
    windows = pl.DataFrame(connection.sql(BOUNDS, params=values).to_arrow_table())
    truth = case.process.long_run()
    lower, upper, long_run = pl.col("lower_bound"), pl.col("upper_bound"), pl.col("long_run")
    judged = windows.filter("has_both_classes").select(
        "metric_name",
        pl.col("metric_name").replace_strict(truth, return_dtype=pl.Float64).alias("long_run"),
        "lower_bound",
        "upper_bound",
        "design_effect",
    )
    if isinstance(case.process, Process):
        bins = connection.sql(BINS.format(table=case.name), params=values)
        judged = judged.vstack(pl.DataFrame(bins.to_arrow_table()))
    return (
        judged.group_by("metric_name")
        .agg(
            pl.lit(case.process.name).alias("process"),
            pl.lit(case.rows_a_week).alias("rows"),
            pl.len().alias("windows"),
            long_run.is_between(lower, upper).mean().alias("coverage"),
            (upper < long_run).mean().alias("below"),
            (lower > long_run).mean().alias("above"),
            pl.col("design_effect").mean(),
        )
        .select(pl.col("process", "rows"), pl.all().exclude("process", "rows"))
        .sort("metric_name")
    )


def outside_stated(found: pl.DataFrame) -> pl.DataFrame:
    """Return the rows whose coverage lies outside what is stated by more than three standard
    errors of so many windows whose intervals just do as stated; where days move scores far, of
    calibration alone."""
    low, high = STATED
    least, most = (
        limit + sign * 3 * (limit * (1 - limit) / pl.col("windows")).sqrt()
        for limit, sign in ((low, -1), (high, 1))
    )
    is_stated = pl.col("process").ne(MOVING_SCORES.name) | pl.col("metric_name").is_in(
        ["bias of scores", "calibration_bin"]
    )
    return found.filter(is_stated, (pl.col("coverage") < least) | (pl.col("coverage") > most))
