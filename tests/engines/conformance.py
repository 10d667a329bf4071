"""What is built on each engine and how two warehouses are compared, row by row.

Differences that must be are declared here, each with its size and its reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import nasty
import numpy as np
import polars as pl
import polars.selectors as cs

RELATIVE = 1e-9
AS_OF = nasty.FIRST_DAY + timedelta(days=69)
Tables = Mapping[str, pl.DataFrame]
Place = tuple[str, str]
"""A relation and one of its columns."""


@dataclass(frozen=True)
class Story:
    """A configuration and its raw tables, as they were and as they are a day later."""

    monitors: Mapping[str, Any]
    before: Tables
    after: Tables
    first_as_of: date
    second_as_of: date


def the_story() -> Story:
    """All that is nasty; then a new day, late labels, rows corrected and deleted. Few weeks of it:
    Spark takes its time for every model and every day. (Its demo replays real flights.)
    """
    tables = _nasty()
    # Changes of a metric that far from 0 are a matter of last digits.
    monitors = {**nasty.MONITORS, "fares": {**nasty.FARES, "business_metrics": {}}}
    return Story(monitors, tables, _changed(tables), AS_OF - timedelta(days=1), AS_OF)


def _nasty() -> dict[str, pl.DataFrame]:
    """The data set of tests/warehouse: 38 days of the log (and three weeks more that are not to be
    seen), ten days of the history, and the last 30 days of the tasks that have less to them. Bins
    and grids are frozen in those; each day more is a partition of every table on Spark."""
    tables = nasty.raw_tables()
    start = datetime.combine(nasty.FIRST_DAY, time())
    history = pl.col("predicted_at") >= start - timedelta(days=10)
    first = start + timedelta(days=32)
    begun = start + timedelta(days=40)
    instant = pl.lit(first).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return {
        **tables,
        "orders_log": tables["orders_log"].filter(pl.col("predicted_at") >= first),
        "visits": tables["visits"].filter(pl.col("seen_at") >= instant),
        "orders_history": tables["orders_history"].filter(history),
        "fares": _with_extremes(tables["fares"].filter(pl.col("asked_at") >= begun)),
        # Of one version for long enough that its first 28 days say what its scores mean.
        "tickets": tables["tickets"]
        .filter(pl.col("opened_at") >= start + timedelta(days=36))
        .with_columns(
            pl.when(pl.col("opened_at") < start + timedelta(days=67))
            .then(pl.lit("t1"))
            .otherwise(pl.lit("t2"))
            .alias("model")
        ),
        "searches": tables["searches"].filter(pl.col("asked_at") >= begun),
    }


def _with_extremes(fares: pl.DataFrame) -> pl.DataFrame:
    """Numbers whose powers are beyond what doubles hold, which engines answer each in its way."""
    predicted = {40: 1e160, 41: 1e-160, 42: -1e60, 43: 1e20}
    labels = {41: 0.0, 44: 1e200, 45: 1e-90}
    number = pl.int_range(pl.len())
    return fares.with_columns(
        number.replace_strict(values, default=pl.col(column), return_dtype=pl.Float64).alias(column)
        for column, values in (("predicted_fare", predicted), ("fare", labels))
    )


def _changed(tables: Tables) -> dict[str, pl.DataFrame]:
    log, labels = tables["orders_log"], tables["orders_labels"]
    day = pl.col("predicted_at").dt.date()
    corrected_day, thinned_day, emptied_day, relabeled_day = (
        nasty.FIRST_DAY + timedelta(days=number) for number in (62, 65, 63, 61)
    )
    # A row is corrected by loading it again; the day with the deleted row and the day that loses
    # all its rows have been built before.
    corrected = log.filter(day == corrected_day).head(1)
    corrected = corrected.with_columns(
        pl.lit(0.123).alias("score"),
        pl.lit(4321.5).alias("amount"),
        (pl.col("loaded_at") + timedelta(hours=3)).alias("loaded_at"),
    )
    thinned = log.filter(day == thinned_day)["order_id"].drop_nulls().first()
    kept = log.filter((day != emptied_day) & pl.col("order_id").ne_missing(pl.lit(thinned)))
    # Labels of ids that had none, a week after the event.
    late = (
        log.filter((day == relabeled_day) & ~pl.col("is_shadow"))
        .join(labels, on="order_id", how="anti")
        .unique("order_id", maintain_order=True)
        .select(
            "order_id",
            pl.lit(1.0).alias("outcome"),
            pl.lit(datetime.combine(AS_OF, time())).alias("labeled_at"),
        )
    )
    assert corrected.height and late.height and kept.height < log.height - 100
    return {
        **tables,
        "orders_log": pl.concat([kept, corrected]),
        "orders_labels": pl.concat([labels, late]),
    }


@dataclass(frozen=True)
class Declared:
    """How far apart numbers of one column may be beyond 1e-9 of themselves, and why."""

    at_most: float
    reason: str


CANCELS = "a small difference of large sums, whose last digits depend on the order of the rows"
IS_ZERO = "a difference of equal numbers, 0 but for its last digits"
ROOT = "the root of such a difference, near 0"
DECLARED: Mapping[Place, Declared] = {
    ("calibration", "lower_bound"): Declared(1e-12, IS_ZERO),
    ("calibration_summary", "ece"): Declared(1e-12, IS_ZERO),
    ("calibration_summary", "brier_reliability"): Declared(1e-12, IS_ZERO),
    ("calibration_summary", "bias_lower_bound"): Declared(1e-12, IS_ZERO),
    ("calibration_summary", "bias_upper_bound"): Declared(1e-12, IS_ZERO),
    ("calibration_summary", "slope"): Declared(1e-12, CANCELS),
    ("calibration_summary", "intercept"): Declared(1e-12, CANCELS),
    ("calibration_summary", "bias"): Declared(1e-12, IS_ZERO),
    ("calibration_summary", "debiased_error"): Declared(1e-7, ROOT),
    ("error_patterns", "avoidable_share"): Declared(1e-12, IS_ZERO),
    ("estimated_performance", "error_bound"): Declared(1e-12, IS_ZERO),
    ("estimated_performance", "realised_lower_bound"): Declared(1e-12, IS_ZERO),
    ("performance", "lower_bound"): Declared(1e-12, IS_ZERO),
    ("performance", "upper_bound"): Declared(1e-12, IS_ZERO),
    ("performance", "noise_bound"): Declared(1e-12, IS_ZERO),
    ("performance", "relative_change"): Declared(1e-12, IS_ZERO),
    ("segment_changes", "value_change"): Declared(1e-12, IS_ZERO),
    ("segment_changes", "within_change"): Declared(1e-12, IS_ZERO),
    ("segment_changes", "mix_change"): Declared(1e-12, IS_ZERO),
    ("segment_changes", "largest_part"): Declared(1e-12, IS_ZERO),
    ("segment_gaps", "heterogeneity"): Declared(1e-12, IS_ZERO),
    ("prediction_stability", "value_change"): Declared(1e-10, CANCELS),
    ("prediction_stability", "lower_bound"): Declared(1e-10, CANCELS),
    ("prediction_stability", "upper_bound"): Declared(1e-10, CANCELS),
    ("prediction_statistics", "stddev"): Declared(1e-7, ROOT),
}


@dataclass(frozen=True)
class Comparison:
    """Rows that are not the same, and floats that are further apart than 1e-9 of themselves."""

    faults: tuple[str, ...]
    gaps: Mapping[Place, float]
    """The largest distance of each column that has any."""
    reordered: frozenset[str]
    """Relations with the same columns in another order."""

    @property
    def undeclared(self) -> dict[Place, float]:
        """The distances that no declaration covers."""
        return {
            place: gap
            for place, gap in self.gaps.items()
            if place not in DECLARED or gap > DECLARED[place].at_most
        }


def compare(found: Tables, expected: Tables) -> Comparison:
    """Compare all relations; what is no float must be equal, also what is null."""
    faults = [f"{name}: in one of the two only" for name in sorted(found.keys() ^ expected.keys())]
    gaps: dict[Place, float] = {}
    reordered: set[str] = set()
    for name in sorted(found.keys() & expected.keys()):
        frames = [_plain(one[name]) for one in (found, expected)]
        if frames[0].columns != frames[1].columns:
            reordered.add(name)
            frames = [frame.select(sorted(frame.columns)) for frame in frames]
        if frames[0].schema != frames[1].schema:
            faults.append(f"{name}: columns {frames[0].schema}, expected {frames[1].schema}")
            continue
        keys = [column for column, kind in frames[0].schema.items() if not kind.is_float()]
        left, right = (frame.sort([*keys, cs.float()], nulls_last=True) for frame in frames)
        if not left.select(keys).equals(right.select(keys)):
            faults.append(f"{name}: {_rows_apart(left.select(keys), right.select(keys))}")
            continue
        for column in left.select(cs.float()).columns:
            if not left[column].is_null().equals(right[column].is_null()):
                apart = left.filter(left[column].is_null() != right[column].is_null())
                faults.append(f"{name}: {column} null or not: {apart.head(2).to_dicts()}")
            gap = _gap(left[column], right[column])
            if gap > 0:
                gaps[name, column] = gap
    return Comparison(tuple(faults), gaps, frozenset(reordered))


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Engines name whole numbers and moments by several types."""
    return frame.with_columns(cs.integer().cast(pl.Int64), cs.datetime().cast(pl.Datetime("us")))


def _rows_apart(found: pl.DataFrame, expected: pl.DataFrame) -> str:
    sides = [
        one.join(other, on=one.columns, how="anti", nulls_equal=True)
        for one, other in ((found, expected), (expected, found))
    ]
    return (
        f"{found.height} rows, expected {expected.height}; {sides[0].height} are others, such as "
        f"{sides[0].head(2).to_dicts()}, instead of {sides[1].head(2).to_dicts()}"
    )


def _gap(found: pl.Series, expected: pl.Series) -> float:
    """The largest distance of two numbers that are not the same, 0 when there are none."""
    left, right = (series.fill_null(0.0).to_numpy() for series in (found, expected))
    apart = ~np.isclose(left, right, rtol=RELATIVE, atol=0, equal_nan=True)
    return float(np.max(np.abs(left - right)[apart], initial=0.0))
