"""How often PSI without drift lies above its stated 99 % null quantile.

Counts per bin are drawn directly, so that 100 bins and 100,000 rows a day cost nothing, and go
through the macros of the marts in two models that stand in for those that know features and scores.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
from scipy import stats

from tests.simulation.processes import FIRST_DAY, monitor
from tests.warehouse.project import Project

REFERENCE_DAYS, JUDGED_DAYS = 28, 28
UNUSED = pl.DataFrame(
    {
        "row_id": [0],
        "predicted_at": [datetime(2024, 1, 1)],
        "version": ["v1"],
        "replicate": ["r0"],
        "logit": [0.0],
        "score": [0.5],
        "label": [0],
    }
)
# Of 100 windows one, from which so much is allowed for what three moments cannot know.
STATED = (0.005, 0.015)
NULLS = """
{{ config(materialized='table') }}
with reference_counts as (
    select series, metric_date, bin_id, row_count from serving.counts where is_reference
),

reference_spans as (
    select series, min(metric_date) as reference_from, max(metric_date) as reference_to
    from reference_counts
    group by series
),

{{ day_psi_null(['series'], ['series']) }}
"""
DRIFT = """
{{ config(materialized='table') }}
with reference as (
    select series, bin_id, sum(row_count) as training_rows
    from serving.counts
    where is_reference
    group by series, bin_id
),

windowed as (
    select
        *,
        case window_days
            when 1 then row_count
            else sum(row_count) over (by_day rows between 6 preceding and current row)
        end as current_rows,
        sum(row_count) over (by_day rows between 13 preceding and 7 preceding) as previous_rows,
        {% for days in [7, 14, 21, 28] %}
        lag(row_count, {{ days }}) over by_day {{ '+' if not loop.last }}
        {% endfor %}
            as same_weekday_rows
    from serving.counts
    window by_day as (partition by series, bin_id order by metric_date)
),

totals as (
    select series, metric_date, window_days, is_reference, sum(row_count) as day_rows
    from serving.counts
    group by series, metric_date, window_days, is_reference
),

still as (
    select series, sum(power(day_rows, 2)) / power(sum(day_rows), 2) as still_weight
    from totals
    where is_reference
    group by series
),

weights as (
    select
        series,
        metric_date,
        -- A day has the weight 1, as where no answered row tells one (rows of a shadow alone).
        case window_days
            when 1 then null
            else
                sum(power(day_rows, 2)) over (by_day rows between 6 preceding and current row)
                / power(sum(day_rows) over (by_day rows between 6 preceding and current row), 2)
        end as day_weight,
        sum(power(day_rows, 2)) over (by_day rows between 13 preceding and 7 preceding)
        / power(sum(day_rows) over (by_day rows between 13 preceding and 7 preceding), 2)
            as previous_weight,
        (
            {% for days in [7, 14, 21, 28] %}
            power(lag(day_rows, {{ days }}) over by_day, 2) {{ '+' if not loop.last }}
            {% endfor %}
        ) / power(
            {% for days in [7, 14, 21, 28] %}
            lag(day_rows, {{ days }}) over by_day {{ '+' if not loop.last }}
            {% endfor %}
        , 2) as same_weekday_weight
    from totals
    window by_day as (partition by series order by metric_date)
),

compared as (
    select windowed.*, reference.training_rows
    from windowed
    inner join reference
        on windowed.series = reference.series and windowed.bin_id = reference.bin_id
    where windowed.is_judged
),

{{ bin_distances(
    'compared', ['series', 'metric_date', 'window_days'], ['training', 'same_weekday', 'previous']
) }},

measured as (
    {% for reference in ['training', 'same_weekday', 'previous'] %}
    select
        bins.series,
        '{{ reference }}' as reference,
        '' as monitor,
        bins.metric_date,
        bins.window_days,
        cast(bins.current_total as bigint) as current_rows,
        cast(bins.{{ reference }}_total as bigint) as reference_rows,
        cast(bins.{{ reference }}_bins as integer) as bin_count,
        bins.{{ reference }}_psi as psi,
        nulls.day_excess,
        nulls.day_concentration,
        nulls.block_count,
        nulls.block_psi_p99,
        nulls.day_rows,
        weights.day_weight,
        {{ 'null' if reference == 'training' else 'weights.' ~ reference ~ '_weight' }}
            as moving_weight,
        {{ 'still.still_weight' if reference == 'training' else 'null' }} as still_weight
    from bin_distances as bins
    inner join still on bins.series = still.series
    inner join weights
        on bins.series = weights.series and bins.metric_date = weights.metric_date
    inner join {{ ref('simulated_nulls') }} as nulls
        on
            bins.series = nulls.series
            and nulls.window_days = {{ 0 if reference == 'same_weekday' else 'bins.window_days' }}
    {{ 'where bins.window_days = 1' if reference == 'same_weekday' }}
    {{ 'where bins.window_days = 7' if reference == 'previous' }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

days as (select distinct monitor, metric_date from measured),

{{ judged_psi('measured', 'days', ['series', 'reference']) }}

select series, reference, metric_date, psi, psi_null_p99 from judged
"""


@dataclass(frozen=True)
class Case:
    """Days of a normal variable in bins of equal mass, whose mean shifts from day to day by
    `effect_of_days` standard deviations, and between weekdays by `effect_of_weekdays`."""

    bins: int
    rows_a_day: int
    effect_of_days: float
    series: int
    reference_rows_a_day: int | None = None
    """As many as are judged where it is not said."""
    effect_of_weekdays: float = 0.0
    window_days: int = 1
    """1 or 7."""
    batch_days: int = 1
    """All rows come on the last of so many days."""
    weekend: float = 1.0
    """Rows of a Saturday or Sunday, as a share of those of another day."""

    @property
    def windows(self) -> int:
        """How many of a series are judged."""
        return (JUDGED_DAYS - self.window_days + 1) // self.batch_days

    def counts(self, number: int) -> pl.DataFrame:
        """One row per series, day and bin."""
        days = REFERENCE_DAYS + JUDGED_DAYS
        rng = np.random.default_rng([self.bins, self.rows_a_day, round(100 * self.effect_of_days)])
        shifts = self.effect_of_days * rng.normal(size=(self.series, days, 1))
        if self.effect_of_weekdays:
            weekdays = self.effect_of_weekdays * rng.normal(size=(self.series, 7, 1))
            shifts += np.tile(weekdays, (1, days // 7, 1))
        edges = stats.norm.ppf(np.arange(self.bins + 1) / self.bins)
        shares = np.diff(stats.norm.cdf(edges - shifts), axis=-1)
        rows = np.full(days, self.rows_a_day)
        rows[:REFERENCE_DAYS] = self.reference_rows_a_day or self.rows_a_day
        has_rows = np.arange(days) % self.batch_days == self.batch_days - 1
        rows = np.where(np.arange(days) % 7 >= 5, np.round(self.weekend * rows), rows).astype(int)
        drawn = rng.multinomial(np.where(has_rows, rows, 0), shares)
        series, day, bin_id = np.indices(drawn.shape)
        return pl.DataFrame(
            {
                "series": (series + 1_000_000 * number).ravel(),
                "day": day.ravel(),
                "bin_id": bin_id.ravel(),
                "row_count": drawn.ravel(),
            }
        ).select(
            "series",
            (pl.lit(FIRST_DAY) + pl.duration(days="day")).alias("metric_date"),
            "bin_id",
            "row_count",
            (pl.col("day") < REFERENCE_DAYS).alias("is_reference"),
            window_days=pl.lit(self.window_days),
            is_judged=(pl.col("day") >= REFERENCE_DAYS + self.window_days - 1)
            & (pl.col("day") % self.batch_days == self.batch_days - 1),
        )


def above_null(folder: Path, cases: Sequence[Case]) -> pl.DataFrame:
    """Return two rows per case, against the reference, and of a day against its own weekdays, of a
    week against the one before: the share
    of windows whose PSI lies above the stated null quantile, and the standard error of that share,
    series being independent of each other."""
    project = Project.create(folder, {"unused": monitor("unused")}, {"unused": UNUSED})
    for name, text in (("simulated_nulls", NULLS), ("simulated_drift", DRIFT)):
        (project.paths.project_dir / "models" / "intermediate" / f"{name}.sql").write_text(text)
    counts = pl.concat([case.counts(number) for number, case in enumerate(cases)])
    project.load({"counts": counts})
    project.build(FIRST_DAY + timedelta(days=1), select=["simulated_nulls", "simulated_drift"])
    with duckdb.connect(str(project.paths.warehouse), read_only=True) as connection:
        drift = pl.DataFrame(
            connection.sql(
                "select series, reference, avg(cast(psi > psi_null_p99 as integer)) as above"
                " from driftline_internal.simulated_drift group by series, reference"
            ).to_arrow_table()
        )
    found = []
    for number, case in enumerate(cases):
        of_case = drift.filter(pl.col("series") // 1_000_000 == number)
        for reference in ("training", "same_weekday" if case.window_days == 1 else "previous"):
            above = of_case.filter(pl.col("reference") == reference)["above"].to_numpy()
            assert len(above) == case.series and not np.isnan(above).any()
            found.append(
                {
                    "reference": reference,
                    "bins": case.bins,
                    "rows_a_day": case.rows_a_day,
                    "reference_rows_a_day": case.reference_rows_a_day or case.rows_a_day,
                    "effect_of_days": case.effect_of_days,
                    "effect_of_weekdays": case.effect_of_weekdays,
                    "window_days": case.window_days,
                    "batch_days": case.batch_days,
                    "weekend": case.weekend,
                    "windows": case.series * case.windows,
                    "above": float(above.mean()),
                    "error": float(above.std(ddof=1) / np.sqrt(len(above))),
                }
            )
    return pl.DataFrame(found)


def outside_stated(found: pl.DataFrame) -> pl.DataFrame:
    """Return the rows whose share is not 1 % within what is stated and three standard errors. Where
    weekdays differ, that is stated of days against their own weekdays alone; of weeks, of which 28
    days hold few, that it is no more."""
    low, high = STATED
    error, is_week = 3 * pl.col("error"), pl.col("window_days") == 7
    is_batch = pl.col("batch_days") > 1  # four batches teach little
    is_by_weekday = (pl.col("reference") == "same_weekday") | (pl.col("effect_of_weekdays") == 0)
    too_few, too_many = pl.col("above") + error < low, pl.col("above") - error > high
    return found.filter(~is_batch).filter(
        (is_week & too_many) | (~is_week & is_by_weekday & (too_few | too_many))
    )
