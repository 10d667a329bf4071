"""How often scores without a trend change from week to week by more than is stated to be chance.

One build watches all replicates of all cases: a replicate is a value of a segment.
"""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import duckdb
import polars as pl

from tests.simulation.coverage import Case, build
from tests.simulation.processes import FIRST_DAY, Process

PROCESSES = (
    Process("independent"),
    Process("small_day_effects", effect_on_score=0.1),
    Process("day_effects", effect_on_score=0.3),
)
WEEKS_BEFORE, WEEKS = 6, 8
DAYS = 7 * (WEEKS_BEFORE + WEEKS)
# Of 100 changes one, from which so much is allowed; more for percentiles of seven days, which lie
# in cells as wide as their noise is then.
STATED, STATED_OF_PERCENTILES = 0.015, 0.025
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


def changes(folder: Path, cases: Sequence[Case]) -> pl.DataFrame:
    """Return one row per case, length of window and measure: the share of changes that are called
    one, and the standard error of that share, replicates being independent of each other."""
    project = build(folder, cases, DAYS, "+prediction_stability")
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
            pl.lit(case.process.name).alias("process"),
            pl.lit(case.rows_a_week).alias("rows"),
            pl.col("windows").sum(),
            beyond.mean(),
            (beyond.std() / pl.len().sqrt()).alias("error"),
        )
        .select(pl.col("process", "rows"), pl.all().exclude("process", "rows"))
        .sort("window_days", "metric_name")
    )


def outside_stated(found: pl.DataFrame) -> pl.DataFrame:
    """Return the rows whose share is larger than stated by more than three standard errors."""
    is_coarse = (pl.col("window_days") == 7) & pl.col("metric_name").str.contains("p25|median|p75")
    stated = pl.when(is_coarse).then(STATED_OF_PERCENTILES).otherwise(STATED)
    return found.filter(pl.col("beyond") - 3 * pl.col("error") > stated)
