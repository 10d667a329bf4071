"""How often the bounds of estimated performance hold what labels then show.

Each replicate is a version of its own, in shadow so that no window mixes them: its map is learned
from its first four weeks, and windows of seven days that do not overlap are judged after them.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from tests.simulation.coverage import Case, build, outside_stated
from tests.simulation.processes import FIRST_DAY, MAP_DAYS, Process, monitor

PROCESSES = (
    Process("independent"),
    Process("day_effects", effect_on_score=0.3, effect_on_label=0.3),
    Process("rare", intercept=-3.0),
    Process("scores_move", later_score=0.7),
)
CONCEPT_DRIFT = Process("labels_move", later_label=0.7)
WEEKS = 6
DAYS = MAP_DAYS + 7 * WEEKS
ESTIMATES = """
select
    metric_name, estimated_value, lower_bound, upper_bound, realised_value,
    upper_bound - lower_bound as width
from driftline.estimated_performance
where
    monitor = $monitor
    and model_version <> 'serving'
    and segment_name = 'overall'
    and window_days = 7
    and status = 'ok'
    and date_diff('day', $first_day, metric_date) % 7 = 6
"""
__all__ = ["CONCEPT_DRIFT", "PROCESSES", "Case", "estimates", "outside_stated"]


def estimates(folder: Path, cases: Sequence[Case]) -> pl.DataFrame:
    """Return one row per process, size and metric: how many windows are judged, the share of them
    whose bounds hold the realised value, lie below and above it, and the mean difference of the
    estimate from it."""
    project = build(folder, cases, DAYS, "+estimated_performance", _by_version)
    with duckdb.connect(str(project.paths.warehouse), read_only=True) as connection:
        return pl.concat([_judged(case, connection) for case in cases])


def _by_version(case: Case) -> dict[str, Any]:
    watched = monitor(case.name)
    columns = watched["columns"] | {"model_version": "replicate", "is_shadow": "is_shadow"}
    return watched | {"columns": columns, "segments": {}}


def _judged(case: Case, connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    values = {"monitor": case.name, "first_day": FIRST_DAY}
    found = pl.DataFrame(connection.sql(ESTIMATES, params=values).to_arrow_table())
    lower, upper, realised = pl.col("lower_bound"), pl.col("upper_bound"), pl.col("realised_value")
    return (
        found.group_by("metric_name")
        .agg(
            pl.lit(case.process.name).alias("process"),
            pl.lit(case.rows_a_week).alias("rows"),
            pl.len().alias("windows"),
            realised.is_between(lower, upper).mean().alias("coverage"),
            (upper < realised).mean().alias("below"),
            (lower > realised).mean().alias("above"),
            (pl.col("estimated_value") - realised).mean().alias("difference"),
        )
        .select(pl.col("process", "rows"), pl.all().exclude("process", "rows"))
        .sort("metric_name")
    )
