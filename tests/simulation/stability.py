"""How often scores without a trend change from week to week by more than is stated to be chance.

One build watches all replicates of all cases: a replicate is a value of a segment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import duckdb
import polars as pl

from tests.simulation.processes import FIRST_DAY, Process
from tests.warehouse.project import Project

WEEKS_BEFORE, WEEKS = 6, 8
DAYS = 7 * (WEEKS_BEFORE + WEEKS)
# Of 100 changes one lies beyond; of fewer nobody is called in vain.
STATED = 0.015
CHANGES = """
select
    segment_value as replicate,
    window_days,
    metric_name,
    avg(case when status in ('rose', 'fell') then 1 else 0 end) as beyond,
    count(*) as windows
from driftline.prediction_stability
where
    monitor = $monitor
    and model_version = 'v1'
    and segment_name = 'replicate'
    and status <> 'insufficient_data'
    and metric_date >= $first_judged
group by all
"""


@dataclass(frozen=True)
class Case:
    """Weeks of scores whose days shift them by so many standard deviations on the logit scale."""

    rows_a_day: int
    effect_of_days: float
    replicates: int

    @property
    def name(self) -> str:
        return f"rows_{self.rows_a_day}_effect_{round(100 * self.effect_of_days)}"


def changes(folder: Path, cases: Sequence[Case]) -> pl.DataFrame:
    """Return one row per case, length of window and measure: the share of changes that are called
    one, and the standard error of that share, replicates being independent of each other."""
    nothing = pl.DataFrame({"row_id": [0]})
    processes = {case: Process(case.name, effect_on_score=case.effect_of_days) for case in cases}
    project = Project.create(
        folder,
        {case.name: process.monitor(case.name) for case, process in processes.items()},
        {case.name: nothing for case in cases},
    )
    with duckdb.connect(str(project.paths.warehouse)) as connection:
        for case, process in processes.items():
            process.write(connection, case.name, case.replicates, DAYS, case.rows_a_day)
    last_day = FIRST_DAY + timedelta(days=DAYS - 1)
    project.build(last_day, select=["+prediction_stability"])
    with duckdb.connect(str(project.paths.warehouse), read_only=True) as connection:
        return pl.concat([_of_case(case, connection) for case in cases])


def _of_case(case: Case, connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    values = {
        "monitor": case.name,
        "first_judged": FIRST_DAY + timedelta(days=7 * WEEKS_BEFORE),
    }
    of_replicates = pl.DataFrame(connection.sql(CHANGES, params=values).to_arrow_table())
    beyond = pl.col("beyond")
    return (
        of_replicates.group_by("window_days", "metric_name")
        .agg(
            pl.lit(case.rows_a_day).alias("rows_a_day"),
            pl.lit(case.effect_of_days).alias("effect_of_days"),
            pl.col("windows").sum(),
            beyond.mean(),
            (beyond.std() / pl.len().sqrt()).alias("error"),
        )
        .select(
            pl.col("rows_a_day", "effect_of_days"), pl.all().exclude("rows_a_day", "effect_of_days")
        )
        .sort("window_days", "metric_name")
    )


def outside_stated(found: pl.DataFrame) -> pl.DataFrame:
    """Return the rows whose share is larger than stated by more than three standard errors."""
    return found.filter(pl.col("beyond") - 3 * pl.col("error") > STATED)
